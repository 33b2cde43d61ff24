import type { SevLaunch } from '../../engine/asp/image/launchPieces';
import { readBytes } from '../input';
import type { MeasureArgs } from './args';

/** Initial RAM disks grow large; beyond this it is the wrong file. */
const LIMIT_MIB = 1024;

/** The guest with its files read. @throws Refusal when one cannot be read. */
export function readLaunch(given: MeasureArgs): SevLaunch {
  const { mode, vcpus, vmm, signature, append } = given;
  const file = (path: string | null) => (path === null ? null : readBytes(path, LIMIT_MIB));
  const image = readBytes(given.image, LIMIT_MIB);
  const kernel = file(given.kernel);
  return {
    mode,
    image,
    kernel: kernel && { kernel, initrd: file(given.initrd), append },
    vcpus,
    vmm,
    signature,
  };
}
