import { always, type Case, info1Is, type NaeEvent, when } from './event';

/** SW_EXITCODE of calls that no hardware knows (GHCB specification #56421; Linux arch/x86/include/uapi/asm/svm.h). */
export const SOFTWARE_EVENT = {
  MMIO_READ: 0x8000_0001,
  MMIO_WRITE: 0x8000_0002,
  NMI_COMPLETE: 0x8000_0003,
  AP_RESET_HOLD: 0x8000_0004,
  AP_JUMP_TABLE: 0x8000_0005,
  PAGE_STATE_CHANGE: 0x8000_0010,
  GUEST_REQUEST: 0x8000_0011,
  EXTENDED_GUEST_REQUEST: 0x8000_0012,
  AP_CREATION: 0x8000_0013,
  HV_DOORBELL_PAGE: 0x8000_0014,
  HV_IPI: 0x8000_0015,
  HV_TIMER: 0x8000_0016,
  APIC_ID_LIST: 0x8000_0017,
  RUN_VMPL: 0x8000_0018,
  SECURE_AVIC: 0x8000_001a,
  CONFIGURE_INJECTION: 0x8000_001b,
  DISABLE_ALTERNATE_INJECTION: 0x8000_001c,
  SPECIFIC_EOI: 0x8000_001d,
  HYPERVISOR_FEATURES: 0x8000_fffd,
  TERMINATE: 0x8000_fffe,
  UNSUPPORTED: 0x8000_ffff,
} as const;

const DESTROY = 2n;
/** Header of a list of page state changes: what SW_SCRATCH must at least hold (Linux arch/x86/kvm/svm/sev.c). */
const PSC_HEADER_BYTES = 8n;

const set = info1Is(0n, 'set');
const get = info1Is(1n, 'get');
const register = info1Is(0n, 'register');
const unregister = info1Is(1n, 'unregister');
const notDestroy: Case = {
  says: 'not destroy',
  holds: ({ info1 }) => BigInt.asUintN(16, info1) !== DESTROY,
};
/** An answer of success needs nothing of it. */
const error: Case = { says: 'error', holds: () => false };

const mmio = {
  inputs: always('swScratch'),
  outputs: [],
  info1: { says: 'GPA' },
  info2: { says: 'bytes' },
  buffer: ({ info2 }) => info2,
} satisfies Partial<NaeEvent>;

const guestRequest = {
  snp: true,
  info1: { says: 'GPA of the request page' },
  info2: { says: 'GPA of the response page' },
  answer: {
    says: 'errors',
    bits: [
      { hi: 63, lo: 32, says: 'of the hypervisor' },
      { hi: 31, lo: 0, says: 'of the firmware' },
    ],
  },
} satisfies Partial<NaeEvent>;

/**
 * Calls that software defines (GHCB specification #56421; Linux arch/x86/kvm/svm/sev.c; EDK2; coconut-svsm
 * kernel/src/sev/ghcb.rs for injection and end of interrupt; Linux savic_register_gpa for Secure AVIC).
 */
export const SOFTWARE_EVENTS: readonly NaeEvent[] = [
  { ...mmio, code: SOFTWARE_EVENT.MMIO_READ, name: 'MMIO read', fills: true },
  { ...mmio, code: SOFTWARE_EVENT.MMIO_WRITE, name: 'MMIO write' },
  { code: SOFTWARE_EVENT.NMI_COMPLETE, name: 'NMI complete', inputs: [], outputs: [] },
  {
    code: SOFTWARE_EVENT.AP_RESET_HOLD,
    name: 'AP reset hold',
    inputs: [],
    outputs: [],
    answer: { says: 'not zero: a SIPI arrived' },
  },
  {
    code: SOFTWARE_EVENT.AP_JUMP_TABLE,
    name: 'AP jump table',
    inputs: [],
    outputs: [],
    info1: { says: 'direction', values: { 0: 'set', 1: 'get' } },
    info2: { says: 'GPA of the table', only: set },
    answer: { says: 'GPA of the table', only: get },
  },
  {
    code: SOFTWARE_EVENT.PAGE_STATE_CHANGE,
    name: 'SNP page state change',
    snp: true,
    inputs: always('swScratch'),
    outputs: [],
    answer: { says: 'error; 0 where every entry was done' },
    buffer: () => PSC_HEADER_BYTES,
  },
  {
    ...guestRequest,
    code: SOFTWARE_EVENT.GUEST_REQUEST,
    name: 'SNP guest request',
    inputs: [],
    outputs: [],
  },
  {
    ...guestRequest,
    code: SOFTWARE_EVENT.EXTENDED_GUEST_REQUEST,
    name: 'SNP extended guest request',
    inputs: always('rax', 'rbx'),
    outputs: when(error, 'rbx'),
  },
  {
    code: SOFTWARE_EVENT.AP_CREATION,
    name: 'SNP AP creation',
    snp: true,
    inputs: when(notDestroy, 'rax'),
    outputs: [],
    info1: {
      says: 'what to do with which vCPU',
      values: { 0: 'create-on-INIT', 1: 'create', 2: 'destroy' },
      bits: [
        { hi: 15, lo: 0, says: 'what' },
        { hi: 19, lo: 16, says: 'VMPL' },
        { hi: 63, lo: 32, says: 'APIC ID' },
      ],
    },
    info2: { says: 'GPA of the VMSA' },
  },
  {
    code: SOFTWARE_EVENT.HV_DOORBELL_PAGE,
    name: '#HV doorbell page',
    snp: true,
    inputs: [],
    outputs: [],
    info1: { says: 'what to do', values: { 0: 'get preferred', 1: 'set', 2: 'query', 3: 'clear' } },
    info2: { says: 'GPA of the page' },
  },
  {
    code: SOFTWARE_EVENT.HV_IPI,
    name: '#HV IPI',
    snp: true,
    inputs: [],
    outputs: [],
    info1: { says: 'value of the interrupt command register' },
  },
  { code: SOFTWARE_EVENT.HV_TIMER, name: '#HV timer', snp: true, inputs: [], outputs: [] },
  {
    code: SOFTWARE_EVENT.APIC_ID_LIST,
    name: 'Get APIC ID list',
    snp: true,
    inputs: always('rax'),
    outputs: always('rax'),
    info1: { says: 'GPA of the list; 0 to ask for its size' },
  },
  {
    code: SOFTWARE_EVENT.RUN_VMPL,
    name: 'SNP run VMPL',
    snp: true,
    inputs: [],
    outputs: [],
    info1: { says: 'VMPL' },
  },
  {
    code: SOFTWARE_EVENT.SECURE_AVIC,
    name: 'Secure AVIC',
    snp: true,
    inputs: [...always('rax'), ...when(register, 'rbx')],
    outputs: when(unregister, 'rbx'),
    info1: { says: 'what to do with the backing page', values: { 0: 'register', 1: 'unregister' } },
  },
  {
    code: SOFTWARE_EVENT.CONFIGURE_INJECTION,
    name: 'Configure interrupt injection',
    snp: true,
    inputs: [],
    outputs: [],
    info1: { says: 'vector' },
  },
  {
    code: SOFTWARE_EVENT.DISABLE_ALTERNATE_INJECTION,
    name: 'Disable alternate injection',
    snp: true,
    inputs: [],
    outputs: [],
    info1: {
      says: 'interrupt state to go on with',
      bits: [
        { hi: 23, lo: 16, says: 'VMPL' },
        { hi: 15, lo: 8, says: 'task priority' },
        { hi: 1, lo: 1, says: 'interrupt shadow' },
        { hi: 0, lo: 0, says: 'interrupts enabled' },
      ],
    },
  },
  {
    code: SOFTWARE_EVENT.SPECIFIC_EOI,
    name: 'Specific EOI',
    snp: true,
    inputs: [],
    outputs: [],
    info1: {
      says: 'end of which interrupt',
      bits: [
        { hi: 23, lo: 16, says: 'VMPL' },
        { hi: 7, lo: 0, says: 'vector' },
      ],
    },
  },
  {
    code: SOFTWARE_EVENT.HYPERVISOR_FEATURES,
    name: 'Hypervisor features',
    inputs: [],
    outputs: [],
    answer: { says: 'bitmap of features' },
  },
  {
    code: SOFTWARE_EVENT.TERMINATE,
    name: 'Termination request',
    inputs: [],
    outputs: [],
    info1: {
      says: 'reason',
      bits: [
        { hi: 3, lo: 0, says: 'set' },
        { hi: 11, lo: 4, says: 'code' },
      ],
    },
  },
  {
    code: SOFTWARE_EVENT.UNSUPPORTED,
    name: 'Unsupported #VC event',
    inputs: [],
    outputs: [],
    info1: { says: 'error code of the #VC' },
  },
];
