import { VCPU_SIGNATURES } from '../../engine/asp/image/vcpuTypes';
import { VMM_TYPES, type VmmType } from '../../engine/asp/image/vmsa';
import { DIGEST_BYTES } from '../../engine/asp/snp/pageInfo';
import { fromHex } from '../../engine/core/bytes';
import type { LaunchSettings, Refusal } from '../protocol';
import { refused } from '../replies';

/** Each vCPU is a frame; beyond this somebody made a slip. */
const MOST_VCPUS = 4096;
const LONGEST_COMMAND_LINE = 64 * 1024;

export const USUAL_SETTINGS: LaunchSettings = {
  vcpus: 1,
  processor: 'EPYC-Milan',
  vmm: 'QEMU',
  features: '0x1',
  append: '',
  imageDigest: '',
  policy: '0x30000',
  authorKey: false,
};

/** Settings that made sense. */
export interface Meant {
  readonly vcpus: number;
  readonly signature: number;
  readonly vmm: VmmType;
  readonly features: bigint;
  readonly append: string;
  readonly imageDigest: Uint8Array | null;
  readonly policy: bigint;
}

export type Understood =
  | { readonly ok: true; readonly value: Meant }
  | { readonly ok: false; readonly refusal: Refusal };

/** A number of at most so many bits; null for anything else. */
function numberOf(text: string, bits: number): bigint | null {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text.trim())) return null;
  const value = BigInt(text.trim());
  return value >> BigInt(bits) === 0n ? value : null;
}

const no = (where: string, message: string) => refused('This launch cannot be measured', message, where);

export function understand(settings: LaunchSettings): Understood {
  const { vcpus, processor, append, imageDigest } = settings;
  if (!Number.isInteger(vcpus) || vcpus < 1 || vcpus > MOST_VCPUS)
    return no('vCPUs', `A guest has from 1 to ${MOST_VCPUS} vCPUs here.`);
  const known = VCPU_SIGNATURES.get(processor.trim());
  const signature = known ?? numberOf(processor, 32);
  if (signature === null)
    return no('Processor', `“${processor}” is no model that is known, and no number of 32 bits.`);
  const vmm = VMM_TYPES.find((name) => name === settings.vmm);
  if (!vmm) return no('Hypervisor', `“${settings.vmm}” is not known; it is ${VMM_TYPES.join(', ')}.`);
  const features = numberOf(settings.features, 64);
  if (features === null) return no('Guest features', `“${settings.features}” is not a number of 64 bits.`);
  const policy = numberOf(settings.policy, 64);
  if (policy === null) return no('Policy', `“${settings.policy}” is not a number of 64 bits.`);
  if (append.length > LONGEST_COMMAND_LINE)
    return no('Command line', `It has ${append.length} characters; up to ${LONGEST_COMMAND_LINE} are taken.`);
  if (imageDigest !== '' && !new RegExp(`^[0-9a-f]{${2 * DIGEST_BYTES}}$`, 'i').test(imageDigest.trim()))
    return no('Digest after the image', `A digest is ${2 * DIGEST_BYTES} hexadecimal digits.`);
  return {
    ok: true,
    value: {
      vcpus,
      signature: Number(signature),
      vmm,
      features,
      append,
      imageDigest: imageDigest === '' ? null : fromHex(imageDigest.trim()),
      policy,
    },
  };
}
