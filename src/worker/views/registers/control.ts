import { hex } from '../../../engine/core/address';
import { readUint } from '../../../engine/core/bytes';
import { decodeEventInj } from '../../../engine/cpu/eventInj';
import { EXIT, exitCodeOf, exitName } from '../../../engine/cpu/exits';
import { decodeIoio } from '../../../engine/cpu/ghcb/ioio';
import {
  NP_ENABLE,
  SEV_ENABLE,
  SEV_ES_ENABLE,
  VMCB_FIELD_NAMES,
  VMCB_FIELDS,
  type VmcbField,
  VTE_ENABLE,
} from '../../../engine/cpu/vmcb';
import type { ControlFieldView } from '../../registersProtocol';
import { hexOf } from './rows';

/** The save area begins here (APM vol. 2 Appendix B). */
const SAVE_AREA = 0x400;
const INTERCEPTS_END = 0xa0;

const LABELS: Partial<Record<VmcbField, string>> = {
  asid: 'ASID',
  tlbControl: 'TLB_CONTROL',
  exitCode: 'EXITCODE',
  exitInfo1: 'EXITINFO1',
  exitInfo2: 'EXITINFO2',
  exitIntInfo: 'EXITINTINFO',
  nestedControl: 'NP, SEV, SEV-ES',
  ghcb: 'GHCB MSR',
  eventInj: 'EVENTINJ',
  nestedCr3: 'nCR3',
  lbrControl: 'LBR control',
  nextRip: 'nRIP',
  vmsa: 'VMSA pointer',
  vmgexitRax: 'VMGEXIT_RAX',
  vmgexitCpl: 'VMGEXIT_CPL',
  allowedSevFeatures: 'ALLOWED_SEV_FEATURES',
  guestSevFeatures: 'GUEST_SEV_FEATURES',
};

/** Bits of EXITINFO1 of a nested page fault (APM vol. 2 §15.25.6). */
const NPF_BITS: Readonly<Record<number, string>> = {
  0: 'present',
  1: 'write',
  2: 'user',
  3: 'reserved bit',
  4: 'fetch',
  32: 'final translation',
  33: 'table walk',
};

const IO_WORDS: Readonly<Record<number, string>> = { 1: 'a byte', 2: '2 bytes', 4: '4 bytes' };

const isWriteTrap = (code: number): boolean => code >= EXIT.EFER_WRITE_TRAP && code <= EXIT.CR15_WRITE_TRAP;

/** What EXITINFO1 and EXITINFO2 say beside the reason, in words. */
export function exitDetail(code: number, info1: bigint, info2: bigint): string[] {
  if (code === EXIT.IOIO) {
    const { port, input, string, rep, bytes } = decodeIoio(info1);
    const size = IO_WORDS[bytes] ?? `${bytes} bytes`;
    return [
      `${input ? 'in' : 'out'}${string ? ' string' : ''}, ${size}, port ${hex(port)}${rep ? ', repeated' : ''}`,
    ];
  }
  if (code === EXIT.NPF) {
    const bits = Object.entries(NPF_BITS).filter(([bit]) => ((info1 >> BigInt(bit)) & 1n) === 1n);
    return [`GPA ${hex(info2)}`, bits.map(([, word]) => word).join(', ')].filter((part) => part !== '');
  }
  if (code === EXIT.MSR) return [info1 === 0n ? 'read' : 'write'];
  if (isWriteTrap(code)) return [`new value ${hex(info1)}`];
  return [];
}

/** The reasons whose bits are set in the intercept vectors, by name. */
export function intercepted(vmcb: Uint8Array): string[] {
  return Array.from({ length: INTERCEPTS_END }, (_, code) => code)
    .filter((code) => (((vmcb[code >> 3] ?? 0) >> (code & 7)) & 1) === 1)
    .map(exitName);
}

function bitsOfControl(value: bigint): string[] {
  const bits = [
    [NP_ENABLE, 'nested paging'],
    [SEV_ENABLE, 'SEV'],
    [SEV_ES_ENABLE, 'SEV-ES'],
    [VTE_ENABLE, 'VTE'],
  ] as const;
  return bits.filter(([bit]) => (value & bit) !== 0n).map(([, word]) => word);
}

function meaning(name: VmcbField, value: bigint, read: (name: VmcbField) => bigint): string[] {
  const code = exitCodeOf(read('exitCode'));
  switch (name) {
    case 'exitCode':
      return [exitName(code)];
    case 'exitInfo1':
      return exitDetail(code, value, read('exitInfo2'));
    case 'nestedControl':
      return bitsOfControl(value);
    case 'eventInj': {
      const { valid, vector, errorCode } = decodeEventInj(value);
      return valid ? [`vector ${vector}${errorCode === null ? '' : `, error code ${hex(errorCode)}`}`] : [];
    }
    case 'asid':
      return [`ASID ${value}`];
    case 'lbrControl':
      return (value & 1n) === 1n ? ['LBR virtualization'] : [];
    default:
      return [];
  }
}

/** The control area of a VMCB as Xen and the hardware use it; `vmcb` is the whole page. */
export function controlOf(vmcb: Uint8Array, es: boolean): ControlFieldView[] {
  const read = (name: VmcbField): bigint => {
    const { offset, size } = VMCB_FIELDS[name];
    return readUint(vmcb, offset, size);
  };
  const onlyEs: readonly VmcbField[] = [
    'vmsa',
    'ghcb',
    'vmgexitRax',
    'vmgexitCpl',
    'allowedSevFeatures',
    'guestSevFeatures',
  ];
  const fields = VMCB_FIELD_NAMES.filter((name) => {
    const { offset } = VMCB_FIELDS[name];
    return offset < SAVE_AREA && (es || !onlyEs.includes(name));
  }).map((name): ControlFieldView => {
    const { offset, size, help } = VMCB_FIELDS[name];
    const value = read(name);
    const says = meaning(name, value, read);
    return {
      name,
      label: LABELS[name] ?? name,
      offset,
      value: hexOf(value, size),
      says,
      help,
      changed: false,
    };
  });
  const vectors = vmcb.subarray(0, INTERCEPTS_END / 8);
  const intercepts: ControlFieldView = {
    name: 'intercepts',
    label: 'Intercepts',
    offset: 0,
    value: Array.from(vectors, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    says: intercepted(vmcb),
    help: 'a bit for each reason of #VMEXIT',
    changed: false,
  };
  return [intercepts, ...fields].sort((a, b) => a.offset - b.offset);
}
