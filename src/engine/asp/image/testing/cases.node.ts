import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { expect } from 'vitest';
import type { KernelFiles } from '../hashesTable';
import type { SnpLaunch } from '../snpLaunch';
import vectors from '../vectors/launch-digest.json';
import { VMM_TYPES } from '../vmsa';

interface Loaded {
  readonly data_base64?: string;
  readonly construction?: string;
  readonly sha256: string;
}

interface TraceStep {
  readonly step: string;
  readonly page_type?: number;
  readonly gpa?: string;
  readonly pages?: number;
  readonly contents_sha384?: string;
  readonly ld_after?: string;
}

export interface Case {
  readonly id: string;
  readonly mode: string;
  readonly image: string;
  readonly vcpus: number;
  readonly vcpu_sig: string | null;
  readonly vmm: string;
  readonly guest_features: string;
  readonly kernel: Loaded | null;
  readonly initrd: Loaded | null;
  readonly append: string | null;
  readonly hashes_table?: { readonly table_hex: string };
  readonly vmsa_bsp_sha256?: string;
  readonly vmsa_ap_sha256?: string;
  readonly ap_reset_eip?: string;
  readonly ovmf_hash_seed?: string;
  readonly trace?: readonly TraceStep[];
  readonly expected_digest?: string;
  readonly expected_error?: string;
}

interface Image {
  readonly data_zlib_base64?: string;
  readonly tail_4096_zlib_base64?: string;
  readonly ovmf_hash?: string;
  readonly sha256: string;
  readonly footer_table?: Record<string, string>;
  readonly sections?: readonly { gpa: string; size: string; name: string }[];
}

/** Launch digest vectors, as they lie in a file. */
export interface Cases {
  readonly vcpu_signatures: Readonly<Record<string, string>>;
  readonly images: Readonly<Record<string, Image>>;
  readonly cases: readonly Case[];
}

/** The cases that are part of this repository. */
export const OURS: Cases = vectors;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The bytes that a case gives whole or by a formula, `byte[i] = (a*i + b + (i>>8)) mod 256, N bytes`. */
function loaded(file: Loaded | null): Uint8Array | null {
  if (!file) return null;
  const [, a, b, length] =
    /\((\d+)\*i \+ (\d+) \+ \(i>>8\)\) mod 256, (\d+) bytes/.exec(file.construction ?? '') ?? [];
  const bytes =
    file.data_base64 === undefined
      ? Uint8Array.from({ length: Number(length) }, (_, i) => Number(a) * i + Number(b) + (i >> 8))
      : new Uint8Array(Buffer.from(file.data_base64, 'base64'));
  expect(sha256(bytes)).toBe(file.sha256);
  return bytes;
}

/** An image, or the last 4096 bytes of one. */
export function imageOf(file: Cases, name: string): Uint8Array {
  const image = file.images[name];
  const whole = image?.data_zlib_base64;
  const packed = whole ?? image?.tail_4096_zlib_base64 ?? '';
  const bytes = new Uint8Array(inflateSync(Buffer.from(packed, 'base64')));
  if (whole !== undefined) expect(sha256(bytes)).toBe(image?.sha256);
  return bytes;
}

function kernelOf(c: Case): KernelFiles | null {
  const kernel = loaded(c.kernel);
  return kernel && { kernel, initrd: loaded(c.initrd), append: c.append };
}

/** What both kinds of launch need. */
export const guestOf = (file: Cases, c: Case) => ({
  image: imageOf(file, c.image),
  kernel: kernelOf(c),
  vcpus: c.vcpus,
  vmm: VMM_TYPES.find((name) => name === c.vmm) ?? 'QEMU',
  signature: Number(c.vcpu_sig ?? 0),
});

export function snpLaunchOf(file: Cases, c: Case): SnpLaunch {
  const seed = c.ovmf_hash_seed ?? file.images[c.image]?.ovmf_hash;
  const imageDigest = seed === undefined ? null : new Uint8Array(Buffer.from(seed, 'hex'));
  return { ...guestOf(file, c), imageDigest, features: BigInt(c.guest_features) };
}
