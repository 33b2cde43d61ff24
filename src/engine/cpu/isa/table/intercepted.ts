import type { PlainEvent } from '../events';
import type { Entry } from './entry';

const event = (name: PlainEvent, encoding: string, does: string): Entry => ({
  does,
  source: `APM vol. 3 ${name}`,
  event: name,
  forms: [['', encoding]],
});

const string = (name: 'INSx' | 'OUTSx', encoding: string, does: string): Entry => ({
  does,
  source: `APM vol. 3 ${name}`,
  event: 'IOIO',
  repeats: true,
  forms: [['', encoding]],
});

/** Instructions that a hypervisor can intercept (APM vol. 2 §15.9) or that ask something outside the register file. */
export const EVENTS = {
  hlt: event('HLT', 'f4', 'waits for an interrupt'),
  pause: event('PAUSE', 'f3 90', 'says that this is a loop that waits'),
  cpuid: event('CPUID', '0f a2', 'asks what the processor can do: function in EAX and ECX'),
  rdmsr: event('RDMSR', '0f 32', 'reads the model-specific register ECX into EDX:EAX'),
  wrmsr: event('WRMSR', '0f 30', 'writes EDX:EAX into the model-specific register ECX'),
  rdtsc: event('RDTSC', '0f 31', 'reads the time-stamp counter into EDX:EAX'),
  rdtscp: event('RDTSCP', '0f 01 f9', 'reads the time-stamp counter into EDX:EAX and TSC_AUX into ECX'),
  rdpmc: event('RDPMC', '0f 33', 'reads the performance counter ECX into EDX:EAX'),
  vmmcall: event('VMMCALL', '0f 01 d9', 'calls the hypervisor'),
  vmgexit: {
    ...event('VMGEXIT', 'f3 0f 01 d9', 'leaves to the hypervisor with the GHCB'),
    source: 'APM vol. 3 VMGEXIT; vol. 2 §15.35.6',
  },
  wbinvd: event('WBINVD', '0f 09', 'writes back and empties the caches'),
  invd: event('INVD', '0f 08', 'empties the caches and writes nothing back'),
  monitor: event('MONITOR', '0f 01 c8', 'watches the cache line at RAX'),
  mwait: event('MWAIT', '0f 01 c9', 'waits for a store to the line that is watched'),
  int3: { ...event('INT3', 'cc', 'raises the breakpoint exception'), source: 'APM vol. 3 INT 3' },
  ud2: { ...event('UD2', '0f 0b', 'raises #UD'), source: 'APM vol. 3 UD0, UD1, UD2' },
  pvalidate: event(
    'PVALIDATE',
    'f2 0f 01 ff',
    'accepts the page at RAX, or gives it up: size in ECX, 1 or 0 in EDX; code in EAX, CF set if nothing changed',
  ),
  rmpadjust: event(
    'RMPADJUST',
    'f3 0f 01 fe',
    'says in EDX what a less privileged VMPL may do with the page at RAX: size in ECX; code in EAX',
  ),
  rmpquery: event(
    'RMPQUERY',
    'f3 0f 01 fd',
    'asks what the VMPL in DL may do with the page at RAX: permissions in EDX, size in ECX, code in EAX',
  ),
  xsetbv: {
    ...event('XSETBV', '0f 01 d1', 'writes EDX:EAX into XCR0 when ECX is 0'),
    source: 'APM vol. 4 XSETBV',
  },
  in: {
    does: 'reads a port into AL, AX or EAX',
    source: 'APM vol. 3 IN',
    event: 'IOIO',
    forms: [
      ['Ab, Ib', 'e4'],
      ['Az, Ib', 'e5'],
      ['Ab, DX', 'ec'],
      ['Az, DX', 'ed'],
    ],
  },
  out: {
    does: 'writes AL, AX or EAX to a port',
    source: 'APM vol. 3 OUT',
    event: 'IOIO',
    forms: [
      ['Ib, Ab', 'e6'],
      ['Ib, Az', 'e7'],
      ['DX, Ab', 'ee'],
      ['DX, Az', 'ef'],
    ],
  },
  insb: string('INSx', '6c', 'reads a byte from port DX to memory at RDI'),
  insw: string('INSx', '66 6d', 'reads two bytes from port DX to memory at RDI'),
  insd: string('INSx', '6d', 'reads four bytes from port DX to memory at RDI'),
  outsb: string('OUTSx', '6e', 'writes the byte at RSI to port DX'),
  outsw: string('OUTSx', '66 6f', 'writes the two bytes at RSI to port DX'),
  outsd: string('OUTSx', '6f', 'writes the four bytes at RSI to port DX'),
} as const satisfies Record<string, Entry>;
