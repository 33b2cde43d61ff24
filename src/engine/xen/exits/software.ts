import { readUint, uint } from '../../core/bytes';
import type { Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { type Answer, type Asked, NOTHING, type SoftwareAnswer } from './answer';
import { apCreation } from './apCreation';
import { LAPIC_BASE, readApic, writeApic } from './apic';
import { doorbellPage } from './doorbell';
import { loaded } from './lies';
import { isApic, noDevice } from './mmio';
import { pageStateChange } from './pageState';
import { parkOrWake } from './park';
import { runVmpl } from './runVmpl';
import { terminated } from './terminate';
import { patchVcpus, vcpusOf } from './vcpus';
import { featuresFor } from './versions';

/** What Xen does about calls that software defines, named as the GHCB specification does (#56421 §4). */
interface SoftwareHandler {
  readonly name: string;
  readonly run: (p: Platform, asked: Asked) => SoftwareAnswer;
}

/** Bytes of a register of the local APIC. */
const APIC_REGISTER = 4;

function mmioRead(p: Platform, asked: Asked): Answer | Outcome<Answer> {
  const gpa = Number(asked.info1);
  if (!isApic(gpa)) return noDevice(p, gpa);
  const value = loaded(p, asked, BigInt(readApic(p, asked, gpa - LAPIC_BASE)));
  return { registers: {}, bytes: uint(value, Number(asked.info2)) };
}

function mmioWrite(p: Platform, asked: Asked): Answer | Outcome<Answer> {
  const gpa = Number(asked.info1);
  if (!isApic(gpa)) return noDevice(p, gpa);
  return writeApic(p, asked, gpa - LAPIC_BASE, Number(readUint(asked.bytes, 0, APIC_REGISTER)));
}

/** AP jump table: the hypervisor only keeps its address. */
function jumpTable(p: Platform, { domain, info1, info2 }: Asked): Answer {
  if (info1 === 0n) patchVcpus(p, domain, { jumpTable: Number(info2) });
  return { registers: {}, info2: info1 === 0n ? 0n : BigInt(vcpusOf(p, domain).jumpTable ?? 0) };
}

export const SOFTWARE_HANDLERS: Readonly<Record<number, SoftwareHandler>> = {
  [SOFTWARE_EVENT.MMIO_READ]: { name: 'MMIO read', run: mmioRead },
  [SOFTWARE_EVENT.MMIO_WRITE]: { name: 'MMIO write', run: mmioWrite },
  [SOFTWARE_EVENT.NMI_COMPLETE]: { name: 'NMI complete', run: () => NOTHING },
  [SOFTWARE_EVENT.AP_RESET_HOLD]: {
    name: 'AP reset hold',
    run: (p, asked) => ({ registers: {}, info2: parkOrWake(p, asked) ? 1n : 0n }),
  },
  [SOFTWARE_EVENT.AP_JUMP_TABLE]: { name: 'AP jump table', run: jumpTable },
  [SOFTWARE_EVENT.PAGE_STATE_CHANGE]: { name: 'page state change', run: pageStateChange },
  [SOFTWARE_EVENT.AP_CREATION]: { name: 'SNP AP creation', run: apCreation },
  [SOFTWARE_EVENT.HV_DOORBELL_PAGE]: { name: '#HV doorbell page', run: doorbellPage },
  [SOFTWARE_EVENT.RUN_VMPL]: { name: 'SNP run VMPL', run: runVmpl },
  [SOFTWARE_EVENT.HYPERVISOR_FEATURES]: {
    name: 'hypervisor features',
    run: (_, { domain }) => ({ registers: {}, info2: BigInt(featuresFor(domain)) }),
  },
  [SOFTWARE_EVENT.TERMINATE]: {
    name: 'termination request',
    run: (p, asked) => terminated(p, asked, `set ${asked.info1 & 0xfn}, code ${(asked.info1 >> 4n) & 0xffn}`),
  },
  [SOFTWARE_EVENT.UNSUPPORTED]: {
    name: 'unsupported event',
    run: (p, asked) => terminated(p, asked, `no handler for #VC 0x${asked.info1.toString(16)}`),
  },
};
