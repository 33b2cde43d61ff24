import type { CellKind } from '../../engine/core/cells';

/** What a record of the state is, in words; `N` is its number. */
const NAMES: Partial<Readonly<Record<CellKind, string>>> = {
  core: 'Core N',
  registers: 'Registers of core N',
  domain: 'Domain N',
  vcpus: 'vCPUs of domain N',
  guest: 'Kernel of domain N',
  xen: 'Xen’s free memory',
  allocators: 'ASID allocators',
  driver: 'Driver of the secure processor',
  dom0: 'Files of Domain-0',
  owner: 'Guests’ owner',
  ring: 'Xen’s console',
  clock: 'Time-stamp counter',
  asp: 'Secure processor',
  slot: 'Key slot N',
  cpuid: 'CPUID',
  power: 'Power',
  device: 'Device',
  platform: 'SEV platform',
  flash: 'Flash memory',
  mailbox: 'Mailbox',
  handle: 'Firmware’s guest N',
  asids: 'Firmware’s books of all ASIDs',
  asid: 'Firmware’s books of ASID N',
  wbinvd: 'WBINVD flags',
  syscfg: 'SYSCFG',
  hwcr: 'HWCR of thread N',
  stackEngine: 'Stack engine of core N',
  ibs: 'Sampling on core N',
  profiles: 'Samples that Xen has kept',
  stick: 'Sticks of memory',
  racing: 'A store that a core repeats',
  routes: 'Routes of the data fabric',
  taken: 'What an attacker has taken out of the secure processor',
  watch: 'Pages of domain N that Xen follows',
  traces: 'Traces that Xen keeps',
};

/** `core/1` as `Core 1`. */
export function cellName(key: string): string {
  const [kind = '', number = ''] = key.split('/');
  return NAMES[kind as CellKind]?.replace('N', number) ?? key;
}
