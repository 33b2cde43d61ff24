import { VMM_TYPES } from '../../asp/image/vmsa';
import { keysOf } from './dialects';
import type { Refusal, Step } from './draft';
import type { Reader } from './reader';

/** A number of so many bits, decimal or with 0x; undefined where the key is missing. */
function numberOf(reader: Reader, key: string, bits: number): bigint | Refusal | undefined {
  const text = reader.string(key);
  if (text === undefined) return undefined;
  const value = /^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(text) ? BigInt(text) : null;
  if (value !== null && value >> BigInt(bits) === 0n) return value;
  return { error: `${key} takes a number of ${bits} bits, and this is "${text}".`, key };
}

const isRefusal = (value: bigint | Refusal | undefined): value is Refusal => typeof value === 'object';

/** The path of an image, for a guest to start from: only an SNP guest here does, and only in this project’s dialect. */
export const imagePath = (path: string | undefined, dialect: Parameters<Step>[2]): path is string =>
  path?.startsWith('/') === true && keysOf(dialect).has('vmm_type');

/** A firmware image, and the registers that its guest starts with: `vmm_type`, `vcpu_sig`, `guest_features`. */
export const aboutFirmware: Step = (draft, reader, dialect) => {
  const path = reader.string('firmware');
  if (draft.type !== 'pvh' || !imagePath(path, dialect)) return null;
  const word = reader.string('vmm_type') ?? 'QEMU';
  const vmm = VMM_TYPES.find((name) => name === word);
  if (!vmm) return { error: `Unknown vmm_type "${word}" specified`, key: 'vmm_type' };
  const signature = numberOf(reader, 'vcpu_sig', 32);
  if (isRefusal(signature)) return signature;
  const features = numberOf(reader, 'guest_features', 64);
  if (isRefusal(features)) return features;
  draft.firmware = {
    path,
    vmm,
    signature: signature === undefined ? null : Number(signature),
    features: `0x${(features ?? 1n).toString(16)}`,
  };
  return null;
};
