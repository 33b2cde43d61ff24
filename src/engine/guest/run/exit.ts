import { GPRS, type Registers } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import { encodeIoio } from '../../cpu/ghcb/ioio';
import type { Event } from '../../cpu/isa/events';

/** What hardware would put into the VMCB if an instruction were intercepted (APM vol. 2 §15.8.1, §15.10.2, Appendix C). */
export interface Reason {
  readonly code: number;
  readonly info1: bigint;
  readonly info2: bigint;
}

const reason = (code: number, info1 = 0n, info2 = 0n): Reason => ({ code, info1, info2 });

const SEGMENT = { es: 0, ds: 3 } as const;

/** The reason of an event; null for one that no bit of the VMCB intercepts here. */
export function reasonOf(event: Event, { rip }: Registers, length: number): Reason | null {
  const next = rip + BigInt(length);
  switch (event.name) {
    case 'CPUID':
    case 'RDTSC':
    case 'RDTSCP':
    case 'RDPMC':
    case 'VMMCALL':
    case 'VMGEXIT':
    case 'WBINVD':
    case 'INVD':
    case 'MONITOR':
    case 'MWAIT':
    case 'HLT':
    case 'PAUSE':
    case 'XSETBV':
      return reason(EXIT[event.name]);
    case 'DR7_READ':
    case 'DR7_WRITE':
      return reason(EXIT[event.name], BigInt(GPRS.indexOf(event.register)));
    case 'RDMSR':
      return reason(EXIT.MSR, 0n);
    case 'WRMSR':
      return reason(EXIT.MSR, 1n);
    case 'IOIO': {
      const info1 = encodeIoio({
        port: event.port,
        input: event.in,
        string: event.string,
        rep: event.rep,
        bytes: event.size,
        addressBits: event.string ? 64 : 0,
        segment: event.segment ? SEGMENT[event.segment] : 0,
      });
      return reason(EXIT.IOIO, info1, next);
    }
    default:
      return null;
  }
}
