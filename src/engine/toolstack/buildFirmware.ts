import { PAGE_SIZE } from '../core/address';
import { DONE } from '../core/fault';
import type { Platform } from '../core/platform';
import { partOf } from '../core/slowly';
import { populateFirmware } from '../xen/domctl/firmwareMemory';
import { setVmsas } from '../xen/domctl/vmsas';
import { cpuidTable } from '../xen/exits/cpuidPage';
import { call, type Slow } from '../xen/trail';
import type { FirmwareLaunch } from './firmware';
import { backdoored, encryptSnp, load } from './loading';

/** Of the time of a launch, in thousandths: until the image is there in the clear. */
const LOADED = 250;

/**
 * An SNP guest from a firmware image: the image below 4 GiB, what its SEV metadata name in the guest’s memory, and the
 * registers of its vCPUs. The order is that of the measurement.
 */
export function* buildFirmware(
  p: Platform,
  id: number,
  { gpa, pages, memory, vmsas }: FirmwareLaunch,
  tampered: boolean,
): Slow<null> {
  const populated = call(p, 'libxenguest', 'meminit_hvm', { id, gpa, pages }, () =>
    populateFirmware(p, id, gpa, pages),
  );
  if (!populated.ok) return populated;
  const domain = populated.value;
  for (const { what, gpa: at, bytes } of memory) {
    if (!bytes) continue;
    const name = what === 'image' ? 'firmware' : what;
    const given = tampered && name === 'firmware' ? backdoored(p, { name, bytes }) : bytes;
    const segment = { name, gfn: at / PAGE_SIZE, bytes: given };
    const loaded = yield* partOf(0, LOADED, load(p, domain, 'xc_dom_build_image', segment));
    if (!loaded.ok) return loaded;
  }
  const registers = call(p, 'libxenguest', 'vcpu_hvm', { id }, () => setVmsas(p, id, vmsas));
  if (!registers.ok) return registers;
  const runs = memory.map((run) => (run.type === 'CPUID' ? { ...run, bytes: cpuidTable(p, domain) } : run));
  const encrypted = yield* partOf(LOADED, 1000, encryptSnp(p, domain, runs));
  return encrypted.ok ? DONE : encrypted;
}
