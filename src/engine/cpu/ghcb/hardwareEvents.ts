import { EXIT } from '../exits';
import { always, type Case, info1Is, type NaeEvent, when } from './event';
import { decodeIoio } from './ioio';

const XSAVE_LEAF = 0xdn;

const xsaveLeaf: Case = { says: 'leaf 0xD', holds: ({ rax }) => BigInt.asUintN(32, rax) === XSAVE_LEAF };
const input: Case = {
  says: 'IN',
  holds: ({ info1 }) => decodeIoio(info1).input && !decodeIoio(info1).string,
};
const output: Case = {
  says: 'OUT',
  holds: ({ info1 }) => !decodeIoio(info1).input && !decodeIoio(info1).string,
};
const string: Case = { says: 'string', holds: ({ info1 }) => decodeIoio(info1).string };
const read = info1Is(0n, 'read');
/** Linux KVM takes every other value for a write. */
const write: Case = { says: 'write', holds: ({ info1 }) => info1 !== 0n };

/**
 * Exits of hardware that a guest with SEV-ES forwards: what the hypervisor must find marked valid (Linux
 * arch/x86/kvm/svm/sev.c, sev_es_validate_vmgexit) and what the guest must find in the answer (Linux
 * arch/x86/coco/sev/vc-shared.c and vc-handle.c; EDK2 CcExitLib, which alone checks the answer to RDMSR).
 */
export const HARDWARE_EVENTS: readonly NaeEvent[] = [
  { code: EXIT.DR7_READ, name: 'DR7 read', inputs: [], outputs: always('rax') },
  { code: EXIT.DR7_WRITE, name: 'DR7 write', inputs: always('rax'), outputs: [] },
  { code: EXIT.RDTSC, name: 'RDTSC', inputs: [], outputs: always('rax', 'rdx') },
  { code: EXIT.RDPMC, name: 'RDPMC', inputs: always('rcx'), outputs: always('rax', 'rdx') },
  {
    code: EXIT.CPUID,
    name: 'CPUID',
    inputs: [...always('rax', 'rcx'), ...when(xsaveLeaf, 'xcr0')],
    outputs: always('rax', 'rbx', 'rcx', 'rdx'),
  },
  { code: EXIT.INVD, name: 'INVD', inputs: [], outputs: [] },
  {
    code: EXIT.IOIO,
    name: 'IOIO',
    inputs: [...when(output, 'rax'), ...when(string, 'swScratch')],
    outputs: when(input, 'rax'),
    info1: { says: 'port and kind of the access' },
    info2: { says: 'count', only: string },
    buffer: ({ info1, info2 }) => (decodeIoio(info1).string ? info2 * BigInt(decodeIoio(info1).bytes) : null),
  },
  {
    code: EXIT.MSR,
    name: 'MSR',
    inputs: [...always('rcx'), ...when(write, 'rax', 'rdx')],
    outputs: when(read, 'rax', 'rdx'),
    info1: { says: 'direction', values: { 0: 'read', 1: 'write' } },
  },
  { code: EXIT.VMMCALL, name: 'VMMCALL', inputs: always('rax', 'cpl'), outputs: always('rax') },
  { code: EXIT.RDTSCP, name: 'RDTSCP', inputs: [], outputs: always('rax', 'rcx', 'rdx') },
  { code: EXIT.WBINVD, name: 'WBINVD', inputs: [], outputs: [] },
  { code: EXIT.MONITOR, name: 'MONITOR', inputs: always('rax', 'rcx', 'rdx'), outputs: [] },
  { code: EXIT.MWAIT, name: 'MWAIT', inputs: always('rax', 'rcx'), outputs: [] },
];
