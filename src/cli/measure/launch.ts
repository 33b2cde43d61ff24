import type { SevLaunch } from '../../engine/asp/image/launchPieces';
import type { SnpLaunch } from '../../engine/asp/image/snpLaunch';
import { readBytes } from '../input';
import type { SevArgs, SnpArgs } from './args';
import type { GuestArgs } from './guest';

/** Initial RAM disks grow large; beyond this it is the wrong file. */
const LIMIT_MIB = 1024;

function readGuest({ image, kernel, initrd, append, vcpus, vmm, signature }: GuestArgs) {
  const file = (path: string | null) => (path === null ? null : readBytes(path, LIMIT_MIB));
  const bytes = readBytes(image, LIMIT_MIB);
  const files = file(kernel);
  return {
    image: bytes,
    kernel: files && { kernel: files, initrd: file(initrd), append },
    vcpus,
    vmm,
    signature,
  };
}

/** The guest with its files read. @throws Refusal when one cannot be read. */
export const readSevLaunch = (given: SevArgs): SevLaunch => ({ mode: given.mode, ...readGuest(given) });

/** The same of an SNP guest. */
export const readSnpLaunch = (given: SnpArgs): SnpLaunch => ({
  ...readGuest(given),
  imageDigest: given.imageDigest,
  features: given.features,
});
