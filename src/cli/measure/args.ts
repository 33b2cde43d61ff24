import { parseArgs } from 'node:util';
import type { Measured } from '../../engine/asp/crypto/measure';
import { VCPU_SIGNATURES } from '../../engine/asp/image/vcpuTypes';
import { VMM_TYPES, type VmmType } from '../../engine/asp/image/vmsa';
import { fromHex } from '../../engine/core/bytes';
import { UsageError } from '../command';

const MODES = ['sev', 'sev-es'] as const;

/** Each option, with the names that other tools give it (virtee/sev-snp-measure, virtee/sevctl). */
const OPTIONS = {
  mode: [],
  ovmf: ['image', 'firmware'],
  kernel: [],
  initrd: [],
  append: ['cmdline'],
  vcpus: ['num-cpus'],
  'vcpu-type': [],
  'vcpu-sig': [],
  vmm: ['vmm-type'],
  'guest-features': [],
  'launch-digest': ['digest'],
  tik: [],
  'api-major': [],
  'api-minor': [],
  'build-id': [],
  policy: [],
  mnonce: ['nonce'],
} as const satisfies Record<string, readonly string[]>;

type Option = keyof typeof OPTIONS;
type Given = ReadonlyMap<Option, string>;

export const OPTIONS_TEXT =
  '--mode sev|sev-es {--ovmf FILE [--kernel FILE [--initrd FILE] [--append TEXT]] [--vcpus N] [--vcpu-type NAME | --vcpu-sig 0xN] [--vmm QEMU|ec2|gce] | --launch-digest HEX} [--tik HEX --api-major N --api-minor N --build-id N --policy 0xN --mnonce HEX]';

/** A call that made sense. */
export interface MeasureArgs {
  readonly mode: (typeof MODES)[number];
  /** A digest that is known already; then nothing is read. */
  readonly digest: Uint8Array | null;
  readonly image: string;
  readonly kernel: string | null;
  readonly initrd: string | null;
  readonly append: string | null;
  readonly vcpus: number;
  readonly signature: number;
  readonly vmm: VmmType;
  /** Everything but the digest that a measurement needs; null when none of it was given. */
  readonly owner: (Omit<Measured, 'digest'> & { readonly tik: Uint8Array }) | null;
}

/** Each processor's registers are a page that is hashed; beyond this somebody made a slip. */
const MOST_VCPUS = 4096;

/** @throws UsageError, or the error of `node:util` parseArgs. */
export function measureArgs(args: readonly string[]): MeasureArgs {
  const given = optionsOf(args);
  const mode = MODES.find((name) => name === given.get('mode'));
  if (!mode) {
    const asked = given.get('mode');
    const problem =
      asked === undefined ? 'No --mode was given' : `"${asked}" is no mode that can be measured`;
    throw new UsageError(`${problem}: it is ${MODES.join(' or ')}.`);
  }
  const digest = given.has('launch-digest') ? bytesOf(given, 'launch-digest', 32) : null;
  const image = given.get('ovmf');
  if (digest === null && image === undefined)
    throw new UsageError('No --ovmf and no --launch-digest was given.');
  if (digest !== null && image !== undefined)
    throw new UsageError('--ovmf and --launch-digest exclude each other.');
  if (given.has('guest-features') && numberOf(given, 'guest-features', 64) !== 0)
    throw new UsageError('--guest-features: SEV_FEATURES of a SEV or SEV-ES guest is 0.');
  if (!given.has('kernel') && (given.has('initrd') || given.has('append')))
    throw new UsageError('--initrd and --append are measured with a kernel only: give --kernel.');
  const vmm = vmmOf(given);
  return {
    mode,
    digest,
    image: image ?? '',
    kernel: given.get('kernel') ?? null,
    initrd: given.get('initrd') ?? null,
    append: given.get('append') ?? null,
    vcpus: vcpusOf(given),
    signature: signatureOf(given, digest === null && mode === 'sev-es' && vmm === 'QEMU'),
    vmm,
    owner: ownerOf(given),
  };
}

function optionsOf(args: readonly string[]): Given {
  const names = Object.entries(OPTIONS) as [Option, readonly string[]][];
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      names.flatMap(([name, others]) => [name, ...others].map((each) => [each, { type: 'string' as const }])),
    ),
  });
  const given = new Map<Option, string>();
  for (const [name, others] of names) {
    const used = [name, ...others].filter((each) => values[each] !== undefined);
    if (used.length > 1) throw new UsageError(`--${used.join(' and --')} are the same.`);
    const value = values[used[0] ?? ''];
    if (typeof value === 'string') given.set(name, value);
  }
  return given;
}

function numberOf(given: Given, name: Option, bits: number): number {
  const text = given.get(name) ?? '';
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value < 2 ** bits)) throw new UsageError(`--${name}: "${text}" is not a number of ${bits} bits.`);
  return value;
}

function bytesOf(given: Given, name: Option, length: number): Uint8Array {
  const text = given.get(name) ?? '';
  if (!new RegExp(`^[0-9a-f]{${2 * length}}$`, 'i').test(text))
    throw new UsageError(`--${name}: not ${2 * length} hexadecimal digits.`);
  return fromHex(text);
}

function vmmOf(given: Given): VmmType {
  const asked = given.get('vmm') ?? 'QEMU';
  const vmm = VMM_TYPES.find((name) => name.toLowerCase() === asked.toLowerCase());
  if (!vmm) throw new UsageError(`--vmm: "${asked}" is not known; it is ${VMM_TYPES.join(', ')}.`);
  return vmm;
}

function vcpusOf(given: Given): number {
  const vcpus = given.has('vcpus') ? numberOf(given, 'vcpus', 32) : 1;
  if (vcpus < 1 || vcpus > MOST_VCPUS) throw new UsageError(`--vcpus: from 1 to ${MOST_VCPUS}.`);
  return vcpus;
}

function signatureOf(given: Given, needed: boolean): number {
  const type = given.get('vcpu-type');
  const named = type === undefined ? null : (VCPU_SIGNATURES.get(type) ?? null);
  if (type !== undefined && named === null)
    throw new UsageError(
      `--vcpu-type: "${type}" is not known; it is ${[...VCPU_SIGNATURES.keys()].join(', ')}.`,
    );
  const signature = given.has('vcpu-sig') ? numberOf(given, 'vcpu-sig', 32) : named;
  if (named !== null && signature !== named)
    throw new UsageError(`--vcpu-sig is not the signature of ${type}, 0x${named.toString(16)}.`);
  if (signature === null && needed)
    throw new UsageError('QEMU hands each processor its signature: give --vcpu-type or --vcpu-sig.');
  return signature ?? 0;
}

const OWNER = ['tik', 'api-major', 'api-minor', 'build-id', 'policy', 'mnonce'] as const;

function ownerOf(given: Given): MeasureArgs['owner'] {
  const missing = OWNER.filter((name) => !given.has(name));
  if (missing.length === OWNER.length) return null;
  if (missing.length > 0) throw new UsageError(`A measurement also needs --${missing.join(', --')}.`);
  return {
    tik: bytesOf(given, 'tik', 16),
    apiMajor: numberOf(given, 'api-major', 8),
    apiMinor: numberOf(given, 'api-minor', 8),
    buildId: numberOf(given, 'build-id', 8),
    policy: numberOf(given, 'policy', 32),
    mnonce: bytesOf(given, 'mnonce', 16),
  };
}
