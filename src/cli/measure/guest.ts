import { signatureFrom, VCPU_SIGNATURES } from '../../engine/asp/image/vcpuTypes';
import { VMM_TYPES, type VmmType } from '../../engine/asp/image/vmsa';
import { hex } from '../../engine/core/address';
import { UsageError } from '../command';
import { type Given, numberOf } from './options';

/** The guest that is measured, in all modes; files by their names. */
export interface GuestArgs {
  readonly image: string;
  readonly kernel: string | null;
  readonly initrd: string | null;
  readonly append: string | null;
  readonly vcpus: number;
  /** CPUID Fn0000_0001_EAX. */
  readonly signature: number;
  readonly vmm: VmmType;
}

/** Each processor’s registers are a page that is hashed; beyond this somebody made a slip. */
const MOST_VCPUS = 4096;

/** @param registers whether the registers of the processors are measured. @throws UsageError. */
export function guestArgs(given: Given, registers: boolean): GuestArgs {
  if (!given.has('kernel') && (given.has('initrd') || given.has('append')))
    throw new UsageError('--initrd and --append are measured with a kernel only: give --kernel.');
  const vmm = vmmOf(given);
  return {
    image: given.get('ovmf') ?? '',
    kernel: given.get('kernel') ?? null,
    initrd: given.get('initrd') ?? null,
    append: given.get('append') ?? null,
    vcpus: vcpusOf(given),
    signature: signatureOf(given, registers && vmm === 'QEMU'),
    vmm,
  };
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

const PARTS = ['vcpu-family', 'vcpu-model', 'vcpu-stepping'] as const;

/** The signature by each way in which it was given, with the way. */
function signaturesOf(given: Given): [way: string, signature: number][] {
  const ways: [string, number][] = [];
  const type = given.get('vcpu-type');
  if (type !== undefined) {
    const known = VCPU_SIGNATURES.get(type);
    if (known === undefined)
      throw new UsageError(
        `--vcpu-type: "${type}" is not known; it is ${[...VCPU_SIGNATURES.keys()].join(', ')}.`,
      );
    ways.push([type, known]);
  }
  const missing = PARTS.filter((name) => !given.has(name));
  if (missing.length > 0 && missing.length < PARTS.length)
    throw new UsageError(`A processor’s signature also needs --${missing.join(', --')}.`);
  if (missing.length === 0) {
    const [family, model, stepping] = [
      numberOf(given, 'vcpu-family', 8),
      numberOf(given, 'vcpu-model', 8),
      numberOf(given, 'vcpu-stepping', 4),
    ];
    ways.push(['that family, model and stepping', signatureFrom(family, model, stepping)]);
  }
  if (given.has('vcpu-sig')) ways.push(['--vcpu-sig', numberOf(given, 'vcpu-sig', 32)]);
  return ways;
}

function signatureOf(given: Given, needed: boolean): number {
  const ways = signaturesOf(given);
  const [first, ...others] = ways;
  if (!first) {
    if (needed)
      throw new UsageError(
        'QEMU hands each processor its signature: give --vcpu-type, --vcpu-sig, or --vcpu-family, --vcpu-model and --vcpu-stepping.',
      );
    return 0;
  }
  const [way, signature] = first;
  const other = others.find(([, each]) => each !== signature);
  if (other) throw new UsageError(`${other[0]} is not the signature of ${way}, ${hex(signature)}.`);
  return signature;
}
