import type { Measured } from '../../engine/asp/crypto/measure';
import { DIGEST_BYTES } from '../../engine/asp/snp/pageInfo';
import { UsageError } from '../command';
import { type GuestArgs, guestArgs } from './guest';
import { bigOf, bytesOf, type Given, numberOf, type Option, optionsOf } from './options';

const SEV_MODES = ['sev', 'sev-es'] as const;
const FORMATS = ['json', 'hex', 'base64'] as const;

export const OPTIONS_TEXT =
  '--mode sev|sev-es|snp {--ovmf FILE [--kernel FILE [--initrd FILE] [--append TEXT]] [--vcpus N] [--vcpu-type NAME | --vcpu-sig 0xN | --vcpu-family N --vcpu-model N --vcpu-stepping N] [--vmm QEMU|ec2|gce] | --launch-digest HEX} [sev, sev-es: --tik HEX --api-major N --api-minor N --build-id N --policy 0xN --mnonce HEX] [snp: --guest-features 0xN --ovmf-hash HEX] [--output json|hex|base64]';

interface Asked extends GuestArgs {
  readonly output: (typeof FORMATS)[number];
}

/** A call for a SEV or SEV-ES guest that made sense. */
export interface SevArgs extends Asked {
  readonly mode: (typeof SEV_MODES)[number];
  /** A digest that is known already; then nothing is read. */
  readonly digest: Uint8Array | null;
  /** Everything but the digest that a measurement needs; null when none of it was given. */
  readonly owner: (Omit<Measured, 'digest'> & { readonly tik: Uint8Array }) | null;
}

/** A call for a SEV-SNP guest that made sense. */
export interface SnpArgs extends Asked {
  readonly mode: 'snp';
  /** The launch digest after the image’s pages, when it is known already. */
  readonly imageDigest: Uint8Array | null;
  /** SEV_FEATURES of the VMSA. */
  readonly features: bigint;
}

export type MeasureArgs = SevArgs | SnpArgs;

/** @throws UsageError, or the error of `node:util` parseArgs. */
export function measureArgs(args: readonly string[]): MeasureArgs {
  const given = optionsOf(args);
  const asked = given.get('mode');
  const mode = SEV_MODES.find((name) => name === asked);
  if (mode) return sevArgs(mode, given);
  if (asked === 'snp') return snpArgs(given);
  const problem = asked === undefined ? 'No --mode was given' : `"${asked}" is no mode that can be measured`;
  throw new UsageError(`${problem}: it is ${SEV_MODES.join(', ')} or snp.`);
}

function outputOf(given: Given): Asked['output'] {
  const asked = given.get('output') ?? 'json';
  const output = FORMATS.find((name) => name === asked);
  if (!output) throw new UsageError(`--output: "${asked}" is not known; it is ${FORMATS.join(', ')}.`);
  return output;
}

function sevArgs(mode: SevArgs['mode'], given: Given): SevArgs {
  const digest = given.has('launch-digest') ? bytesOf(given, 'launch-digest', 32) : null;
  if (digest === null && !given.has('ovmf'))
    throw new UsageError('No --ovmf and no --launch-digest was given.');
  if (digest !== null && given.has('ovmf'))
    throw new UsageError('--ovmf and --launch-digest exclude each other.');
  if (given.has('guest-features') && bigOf(given, 'guest-features', 64) !== 0n)
    throw new UsageError('--guest-features: SEV_FEATURES of a SEV or SEV-ES guest is 0.');
  if (given.has('ovmf-hash'))
    throw new UsageError('--ovmf-hash: only the digest of an SNP guest can go on from its image’s.');
  const registers = digest === null && mode === 'sev-es';
  return { mode, digest, ...guestArgs(given, registers), owner: ownerOf(given), output: outputOf(given) };
}

const OWNER = ['tik', 'api-major', 'api-minor', 'build-id', 'policy', 'mnonce'] as const;

function ownerOf(given: Given): SevArgs['owner'] {
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

/** What SNP has no use for: its digest is not sent under a shared key, a report of the chip repeats it. */
const NOT_OF_SNP: readonly Option[] = ['launch-digest', ...OWNER];

function snpArgs(given: Given): SnpArgs {
  const wrong = NOT_OF_SNP.find((name) => given.has(name));
  if (wrong)
    throw new UsageError(`--${wrong}: an SNP guest has a launch digest and no measurement with a key.`);
  if (!given.has('ovmf')) throw new UsageError('No --ovmf was given.');
  return {
    mode: 'snp',
    ...guestArgs(given, true),
    imageDigest: given.has('ovmf-hash') ? bytesOf(given, 'ovmf-hash', DIGEST_BYTES) : null,
    features: given.has('guest-features') ? bigOf(given, 'guest-features', 64) : 1n,
    output: outputOf(given),
  };
}
