import { createHash } from 'node:crypto';
import { z } from 'zod';
import { digestEnd, digestMore, emptyDigest } from '../../engine/asp/crypto/runningDigest';
import { apResetAddress, hashesTableGpa, readFirmwareTable } from '../../engine/asp/image/firmwareTable';
import { hashesTable, type KernelFiles } from '../../engine/asp/image/hashesTable';
import { launchPieces } from '../../engine/asp/image/launchPieces';
import { snpLaunchRuns } from '../../engine/asp/image/snpLaunch';
import { VCPU_SIGNATURES } from '../../engine/asp/image/vcpuTypes';
import { VMM_TYPES } from '../../engine/asp/image/vmsa';
import { launchDigest } from '../../engine/asp/snp/launchDigest';
import { hex } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { hexBytes, hexOf, u32, u64 } from './fields';
import { compareImage, fileBytes, type ImageFile, imageNamed, loadedFile } from './launch-inputs';
import { compareTrace, traceStep } from './launch-trace';
import { type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';
import { sentence } from './tables';

const launchCase = z.object({
  mode: z.enum(['sev', 'sev-es', 'snp']),
  image: sentence,
  vcpus: z.number().int().min(1).max(4096),
  vcpu_type: sentence.nullish(),
  vcpu_sig: u32.nullish(),
  vmm: z.enum(VMM_TYPES),
  guest_features: u64,
  kernel: loadedFile.nullish(),
  initrd: loadedFile.nullish(),
  append: z.string().nullish(),
  ovmf_hash_seed: hexOf(48).optional(),
  hashes_table: z
    .object({
      kernel_sha256: hexOf(32).optional(),
      initrd_sha256: hexOf(32).optional(),
      cmdline_sha256: hexOf(32).optional(),
      table_hex: hexBytes.optional(),
      table_gpa: u32.optional(),
    })
    .optional(),
  ap_reset_eip: u32.optional(),
  vmsa_bsp_sha256: hexOf(32).optional(),
  vmsa_ap_sha256: hexOf(32).optional(),
  vmsa_bsp_sha384: hexOf(48).optional(),
  vmsa_ap_sha384: hexOf(48).optional(),
  preimage: sentence.optional(),
  trace: z.array(traceStep).optional(),
  expected_digest: hexBytes.optional(),
  expected_error: sentence.optional(),
});

type LaunchCase = z.infer<typeof launchCase>;

function kernelOf(c: LaunchCase, compare: Compare): KernelFiles | null {
  if (!c.kernel) return null;
  return {
    kernel: fileBytes('kernel', c.kernel, compare),
    initrd: c.initrd ? fileBytes('initrd', c.initrd, compare) : null,
    append: c.append ?? null,
  };
}

/** Where each hash lies in the table. */
const HASHES = { cmdline_sha256: 36, initrd_sha256: 86, kernel_sha256: 136 } as const;

function compareHashes(
  { hashes_table: expected }: LaunchCase,
  kernel: KernelFiles | null,
  compare: Compare,
): void {
  if (!expected) return;
  const table = kernel ? hashesTable(kernel) : new Uint8Array(0);
  if (expected.table_hex) compare('hashes_table.table_hex', toHex(expected.table_hex), toHex(table));
  for (const [name, at] of Object.entries(HASHES)) {
    const hash = expected[name as keyof typeof HASHES];
    if (hash) compare(`hashes_table.${name}`, toHex(hash), toHex(table.subarray(at, at + 32)));
  }
}

function compareFooter(c: LaunchCase, bytes: Uint8Array, compare: Compare): void {
  const table = readFirmwareTable(bytes);
  if (!table.ok) return;
  const shown = (value: number | null) => (value === null ? 'none' : hex(value));
  if (c.ap_reset_eip !== undefined)
    compare('ap_reset_eip', hex(c.ap_reset_eip), shown(apResetAddress(table.value)));
  const gpa = c.hashes_table?.table_gpa;
  if (gpa !== undefined) compare('hashes_table.table_gpa', hex(gpa), shown(hashesTableGpa(table.value)));
}

/** What is loaded, and the digest; null when the launch is refused. */
interface Launched {
  readonly digest: Uint8Array | null;
  readonly vmsas: readonly Uint8Array[];
}

const REFUSED: Launched = { digest: null, vmsas: [] };

type Guest = Parameters<typeof guestOf>;

const guestOf = (c: LaunchCase, image: ImageFile, kernel: KernelFiles | null) => ({
  image: image.bytes,
  kernel,
  vcpus: c.vcpus,
  vmm: c.vmm,
  signature: c.vcpu_sig ?? 0,
});

const IN_PREIMAGE = {
  image: 'image bytes',
  'kernel hashes': 'hashes table',
  VMSA: 'VMSA pages in vCPU order',
};

function launchSev(mode: 'sev' | 'sev-es', guest: Guest, compare: Compare): Launched {
  const [c] = guest;
  compare('guest_features', hex(c.guest_features), hex(0n));
  const pieces = launchPieces({ mode, ...guestOf(...guest) });
  if (!pieces.ok) return REFUSED;
  if (c.preimage !== undefined) {
    const parts = new Set(pieces.value.map(({ what }) => IN_PREIMAGE[what]));
    compare('preimage', c.preimage, [...parts].join(' | '));
  }
  return {
    digest: digestEnd(pieces.value.reduce((digest, { bytes }) => digestMore(digest, bytes), emptyDigest())),
    vmsas: pieces.value.flatMap(({ what, bytes }) => (what === 'VMSA' ? [bytes] : [])),
  };
}

function launchSnp(guest: Guest, compare: Compare): Launched {
  const [c, image] = guest;
  const imageDigest = c.ovmf_hash_seed ?? image.ovmf_hash ?? null;
  const runs = snpLaunchRuns({ ...guestOf(...guest), imageDigest, features: c.guest_features });
  if (!runs.ok) return REFUSED;
  if (c.trace) compareTrace(c.trace, runs.value, imageDigest, image, compare);
  return {
    digest: launchDigest(runs.value, imageDigest ?? undefined),
    vmsas: runs.value.flatMap(({ type, bytes }) => (type === 'VMSA' && bytes ? [bytes] : [])),
  };
}

function compareVmsas(c: LaunchCase, [first, other]: readonly Uint8Array[], compare: Compare): void {
  const expected = [
    ['vmsa_bsp_sha256', first, 'sha256'],
    ['vmsa_ap_sha256', other, 'sha256'],
    ['vmsa_bsp_sha384', first, 'sha384'],
    ['vmsa_ap_sha384', other, 'sha384'],
  ] as const;
  for (const [name, page, hash] of expected) {
    const digest = c[name];
    if (digest)
      compare(name, toHex(digest), page ? createHash(hash).update(page).digest('hex') : 'no such vCPU');
  }
}

function checkLaunch(json: unknown, c: LaunchCase, compare: Compare): void {
  const image = imageNamed(json, c.image);
  compareImage(image, compare);
  const known = c.vcpu_type == null ? undefined : (VCPU_SIGNATURES.get(c.vcpu_type) ?? -1);
  if (known !== undefined && c.vcpu_sig != null) compare('vcpu_sig', hex(c.vcpu_sig), hex(known));
  const kernel = kernelOf(c, compare);
  compareHashes(c, kernel, compare);
  compareFooter(c, image.bytes, compare);
  const guest: Guest = [c, image, kernel];
  const { digest, vmsas } = c.mode === 'snp' ? launchSnp(guest, compare) : launchSev(c.mode, guest, compare);
  compareVmsas(c, vmsas, compare);
  const expected = c.expected_digest && toHex(c.expected_digest);
  if (expected === undefined && c.expected_error === undefined)
    throw new Error('there is no expected_digest');
  compare('expected_digest', expected ?? 'refused', digest ? toHex(digest) : 'refused');
}

/** Launch digests of SEV, SEV-ES and SEV-SNP guests, in the format of `cases` of `launch-digest.json`. */
export const launchCases = {
  name: 'launch digests',
  recognises: (json: unknown) => isRecord(json) && hasEntryWith(json.cases, 'mode', 'image', 'vcpus'),
  run: (json: unknown) =>
    runSection(json, 'cases', launchCase, (c, compare) => checkLaunch(json, c, compare)),
} satisfies Recogniser;
