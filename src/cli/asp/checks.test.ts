import { describe, expect, it } from 'vitest';
import type { LEGACY_ROWS } from '../../engine/asp/layouts/legacy';
import { STATUS } from '../../engine/asp/status';
import type { TraceConfig } from './format';
import { Lab } from './lab';
import { Run } from './replay';
import { type Case, type Deed, describeCases } from './testing/cases';

/** A machine whose ASIDs 1 and 2 are for guests with SEV-ES. */
const CONFIG: TraceConfig = {
  k: 'config',
  cfg: 'test',
  snpEn: false,
  minSevAsid: 3,
  maxAsid: 1006,
  sockets: 1,
  ccx: 2,
  coresPerCcx: 2,
  smt: false,
  dram: '0x0..0x7ffffff',
  labels: {
    'D<n>': '0x04000000+0x1000*n',
    'E<n>': '0x05000000+0x200000*n',
    NV: '0x04800000',
    TMR1: '0x06000000',
    TSEG: '0x07000000 (16 MiB)',
    OOB: '0x300000000000',
    CMDBUF: '0x03ff0000',
  },
};

/** How a case gets there: commands with their parameters, as traces write them. */
const INIT: Deed[] = ['INIT', 'HOST_WBINVD', 'DF_FLUSH'];
const INIT_ES: Deed[] = [['INIT', { es: 1, tmr: 'TMR1' }], 'HOST_WBINVD', 'DF_FLUSH'];
const GUEST: Deed[] = [...INIT, ['LAUNCH_START', { session: 'good' }]];
const BOUND: Deed[] = [...GUEST, ['ACTIVATE', { asid: 3 }]];
const SECRET: Deed[] = [...BOUND, 'LAUNCH_MEASURE'];
const RUNNING: Deed[] = [...SECRET, 'LAUNCH_FINISH'];
const LEAVING: Deed[] = [...RUNNING, 'SEND_START'];
const GONE: Deed[] = [...LEAVING, 'SEND_FINISH'];
const COMING: Deed[] = [...INIT, 'RECEIVE_START'];
const COMING_BOUND: Deed[] = [...COMING, ['ACTIVATE', { asid: 3 }]];
const ES: Deed[] = [...INIT_ES, ['LAUNCH_START', { policy: 4, session: 'good' }]];
const ES_BOUND: Deed[] = [...ES, ['ACTIVATE', { asid: 1 }]];
const ES_LEAVING: Deed[] = [
  ...ES_BOUND,
  'LAUNCH_UPDATE_VMSA',
  'LAUNCH_MEASURE',
  'LAUNCH_FINISH',
  'SEND_START',
];
const ES_COMING: Deed[] = [...INIT_ES, ['RECEIVE_START', { policy: 4 }], ['ACTIVATE', { asid: 1 }]];
const withPolicy = (policy: number): Deed[] => [
  ...INIT,
  ['LAUNCH_START', { policy, session: 'good' }],
  ['ACTIVATE', { asid: 3 }],
  'LAUNCH_MEASURE',
  'LAUNCH_FINISH',
];
/** Without a session nobody looks whether the policy asks for a newer firmware. */
const NEWER: Deed[] = [
  ...INIT,
  ['LAUNCH_START', { policy: 0x38010020 }],
  ['ACTIVATE', { asid: 3 }],
  'LAUNCH_MEASURE',
  'LAUNCH_FINISH',
];
const FULL: Deed[] = [...INIT, ...Array.from({ length: 1024 }, (): Deed => ['LAUNCH_START', {}])];
const STATE = 'asp.platform-working';

const START: readonly Case[] = [
  [[], {}, 'asp.platform-init-working'],
  [INIT, { session: 'good', seslen: 16 }, 'asp.session-length'],
  [INIT, { session: 'good', certlen: 16 }, 'asp.certificate-length'],
  [INIT, { session: 'badcert' }, 'asp.session-certificate'],
  [INIT, { session: 'badpoint' }, 'asp.session-certificate'],
  [INIT, { session: 'badwrapmac' }, 'asp.session-wrap-mac'],
  [INIT, { session: 'badpolicymac' }, 'asp.session-policy-mac'],
  [INIT, { session: 'good', policy: 1, mkpolicy: 0 }, 'asp.session-policy-mac'],
  [INIT, { session: 'good', policy: 0x38010000 }, 'asp.policy-version'],
  [INIT, { session: 'good', policy: 0x40 }, 'asp.policy-reserved'],
  [INIT, { session: 'good', share: 'g3' }, 'asp.shared-guest'],
  [GUEST, { session: 'good', share: 'g1', policy: 1 }, 'asp.shared-policy'],
  [withPolicy(2), { session: 'good', share: 'g1', policy: 2 }, 'asp.shared-policy'],
  [FULL, { session: 'good' }, 'asp.no-handle'],
  [INIT, { session: 'good', policy: 4 }, 'asp.es-off'],
  [INIT, { session: 'good', policy: 0x37010000 }, null],
  [GUEST, { session: 'good', guest: 'g2', share: 'g1' }, null],
];

const UPDATE: readonly Case[] = [
  [INIT, {}, STATE],
  [GUEST, { guest: 'g3' }, 'asp.handle'],
  [GUEST, { guest: 0 }, 'asp.handle'],
  [GUEST, { guest: 1025 }, 'asp.handle'],
];

const IDENTITY_STATE: readonly Case[] = [
  [[], {}, 'asp.platform-init-working'],
  [GUEST, {}, null],
];

const DEBUG: readonly Case[] = [
  [INIT, {}, STATE],
  [BOUND, { src: 'D8+8' }, 'asp.alignment'],
  [BOUND, { len: 8 }, 'asp.debug-length'],
  [BOUND, { guest: 'g3' }, 'asp.handle'],
  [withPolicy(1), {}, 'asp.policy-nodbg'],
  [GUEST, {}, 'asp.guest-inactive'],
  [BOUND, { dst: 'TSEG' }, 'asp.copy-range', 'INVALID_ADDRESS'],
  [BOUND, { src: 'OOB' }, 'asp.copy-range', 'INVALID_CONFIG'],
  [BOUND, { len: 0 }, 'asp.copy-range', 'ERR_INTERNAL'],
  [BOUND, {}, null],
];

/** INIT and INIT_EX, behind what they test for themselves. */
const TRUSTED: readonly Case[] = [
  [[], { es: 1, tmr: 'TMR1+0x1000' }, 'asp.tmr-alignment'],
  [[], { es: 1, tmr: 'TMR1', tmrlen: 0x80000 }, 'asp.tmr-length'],
  [[], { es: 1, tmr: 'OOB' }, 'asp.tmr-dram'],
  [[], { es: 1, tmr: 'TMR1' }, null],
];

const CASES: { readonly [N in keyof typeof LEGACY_ROWS]: readonly Case[] } = {
  NOP: [[[], {}, null]],
  INIT: [
    [INIT, {}, 'asp.platform-uninit'],
    [[], { rsvd: 1 }, 'asp.init-reserved'],
    [[], { flags: 2 }, 'asp.init-reserved'],
    ...TRUSTED,
    [[], { es: 1, tmr: 'TSEG' }, 'asp.tmr-range'],
  ],
  INIT_EX: [
    [INIT, {}, 'asp.platform-uninit'],
    [[], { rsvd: 1 }, 'asp.init-reserved'],
    [[], { len: 0x20 }, 'asp.init-ex-length'],
    [[], { nv: 'NV+0x10' }, 'asp.nv-alignment'],
    [[], { nv: 'TSEG' }, 'asp.nv-range', 'INVALID_ADDRESS'],
    [[], { nv: 'OOB' }, 'asp.nv-range', 'INVALID_CONFIG'],
    [[], { nvlen: 0x4000 }, 'asp.nv-length'],
    [[], { erasenv: 0 }, 'asp.storage-integrity'],
    [[], { es: 1, tmr: 'NV' }, 'asp.tmr-over-nv'],
    [[], { es: 1, tmr: 'TSEG' }, 'asp.tmr-over-nv'],
    ...TRUSTED,
    [[], {}, null],
    [[['INIT_EX', {}], 'SHUTDOWN'], { erasenv: 0 }, null],
  ],
  SHUTDOWN: [
    [[], {}, null],
    [RUNNING, {}, null],
  ],
  PLATFORM_RESET: [
    [INIT, {}, 'asp.platform-uninit'],
    [[...INIT, 'SHUTDOWN'], {}, null],
  ],
  PLATFORM_STATUS: [
    [[], {}, null],
    [RUNNING, {}, null],
  ],
  PEK_GEN: [
    [[], {}, 'asp.platform-init'],
    [GUEST, {}, 'asp.platform-init'],
    [INIT, {}, null],
  ],
  PEK_CSR: [
    ...IDENTITY_STATE,
    [INIT, { len: 16 }, 'asp.output-length'],
    [INIT, { addr: 'TSEG' }, 'asp.copy-range'],
  ],
  PEK_CERT_IMPORT: [
    [[], {}, 'asp.platform-init'],
    [[...INIT, 'PEK_CERT_IMPORT'], {}, 'asp.already-owned'],
    [INIT, { peklen: 16 }, 'asp.import-length'],
    [INIT, { ocalen: 16 }, 'asp.import-length'],
    [INIT, { pek: 'OOB' }, 'asp.copy-range', 'INVALID_CONFIG'],
    [INIT, { how: 'badocasig' }, 'asp.oca-signature', 'BAD_SIGNATURE'],
    [INIT, { how: 'badpeksig' }, 'asp.pek-signature', 'BAD_SIGNATURE'],
    [INIT, { how: 'wrongpek' }, 'asp.foreign-pek'],
    [INIT, {}, null],
  ],
  PDH_CERT_EXPORT: [
    ...IDENTITY_STATE,
    [INIT, { pdhlen: 16 }, 'asp.output-length'],
    [INIT, { certslen: 0x824 }, 'asp.output-length'],
    [INIT, { certs: 'TSEG' }, 'asp.copy-range'],
  ],
  PDH_GEN: [...IDENTITY_STATE],
  DF_FLUSH: [
    [[], {}, 'asp.wbinvd-missing'],
    [[['HOST_WBINVD', { cores: 7 }]], {}, 'asp.wbinvd-missing'],
    [['HOST_WBINVD'], {}, null],
  ],
  GET_ID: [
    [[], { len: 0 }, 'asp.id-length'],
    [[], { addr: 'TSEG' }, 'asp.copy-range'],
    [[], { len: 128 }, null],
  ],
  DOWNLOAD_FIRMWARE: [
    [INIT, {}, 'asp.download-state'],
    [[], { addr: 'D0+8' }, 'asp.alignment'],
    [[], { addr: 'TSEG' }, 'asp.copy-range'],
    [[], { len: 16 }, 'asp.download-length'],
    [[], {}, 'asp.download-signature'],
  ],
  RING_BUFFER: [
    [[], {}, 'asp.ring-state'],
    [INIT, { size: 2 }, 'asp.ring-size'],
    [INIT, { stat: 'D21+8' }, 'asp.ring-alignment'],
    [INIT, { stat: 'TSEG' }, 'asp.ring-range'],
    [INIT, {}, null],
  ],
  DECOMMISSION: [...UPDATE, [BOUND, {}, 'asp.guest-active'], [GUEST, {}, null]],
  ACTIVATE: [
    ...UPDATE,
    [GUEST, { asid: 0 }, 'asp.asid-range'],
    [GUEST, { asid: 1007 }, 'asp.asid-range'],
    [[...BOUND, ['LAUNCH_START', { guest: 'g2' }]], { guest: 'g2', asid: 3 }, 'asp.asid-owned'],
    [BOUND, { asid: 4 }, 'asp.guest-active'],
    [[...GONE, 'DEACTIVATE'], { asid: 4 }, 'asp.guest-sent'],
    [[...RUNNING, 'DEACTIVATE'], { asid: 3 }, 'asp.asid-dirty'],
    [['INIT', ['LAUNCH_START', {}]], { asid: 3 }, 'asp.asid-dirty'],
    [GUEST, { asid: 2 }, 'asp.asid-half'],
    [ES, { asid: 3 }, 'asp.asid-half'],
    [GUEST, { asid: 1006 }, null],
    [[...BOUND, 'DEACTIVATE'], { asid: 3 }, null],
    [[...RUNNING, 'DEACTIVATE', 'HOST_WBINVD', 'DF_FLUSH'], { asid: 3 }, null],
  ],
  ACTIVATE_EX: [
    [INIT, {}, STATE],
    [GUEST, { len: 16 }, 'asp.activate-ex-length'],
    [GUEST, { guest: 'g3' }, 'asp.handle'],
    [GUEST, { asid: 1007 }, 'asp.asid-range'],
    [GUEST, { asid: 3, numids: 0 }, 'asp.apic-count'],
    [GUEST, { asid: 3, numids: 1025 }, 'asp.apic-count'],
    [GUEST, { asid: 3, ids: 'TSEG' }, 'asp.apic-list'],
    [GUEST, { asid: 3, id0: 600 }, 'asp.apic-high'],
    [GUEST, { asid: 3, id0: 9 }, 'asp.apic-absent'],
    [GONE, { asid: 3 }, 'asp.guest-sent'],
    [[...RUNNING, 'DEACTIVATE'], { asid: 3 }, 'asp.asid-dirty'],
    [[...BOUND, ['LAUNCH_START', { guest: 'g2' }]], { guest: 'g2', asid: 3 }, 'asp.asid-not-clean'],
    [BOUND, { asid: 4 }, 'asp.other-asid'],
    [GUEST, { asid: 2 }, 'asp.asid-half'],
    [GUEST, { asid: 3 }, null],
    [[...GUEST, ['ACTIVATE_EX', { asid: 3, id0: 0 }]], { asid: 3, id0: 2 }, null],
    [BOUND, { asid: 3 }, null],
  ],
  DEACTIVATE: [...UPDATE, [GUEST, {}, 'asp.guest-inactive'], [RUNNING, {}, null]],
  GUEST_STATUS: [...IDENTITY_STATE, [INIT, { guest: 77 }, null]],
  COPY: [
    ...UPDATE,
    [GUEST, {}, 'asp.guest-inactive'],
    [BOUND, { len: 0 }, 'asp.copy-length'],
    [BOUND, { len: 100 }, 'asp.copy-length'],
    [BOUND, { dst: 'D9+16' }, 'asp.alignment'],
    [BOUND, { src: 'D8', dst: 'D8' }, 'asp.copy-onto-itself', 'SUCCESS'],
    [BOUND, { len: 0x4000000 }, 'asp.copy-window'],
    [BOUND, { src: 'TSEG' }, 'asp.copy-range'],
    [BOUND, {}, null],
  ],
  LAUNCH_START: [...START, [INIT, { policy: 0x40 }, null]],
  RECEIVE_START: START,
  LAUNCH_UPDATE_DATA: [
    ...UPDATE,
    [SECRET, {}, 'asp.guest-lupdate'],
    [GUEST, {}, 'asp.guest-inactive'],
    [BOUND, { addr: 'D8+8' }, 'asp.alignment'],
    [BOUND, { len: 0 }, 'asp.length-unit'],
    [BOUND, { len: 100 }, 'asp.length-unit'],
    [BOUND, { addr: 'TSEG' }, 'asp.copy-range', 'INVALID_ADDRESS'],
    [BOUND, { addr: 'OOB' }, 'asp.copy-range', 'INVALID_CONFIG'],
    [BOUND, { len: 24576 }, null],
  ],
  LAUNCH_UPDATE_VMSA: [
    [[], { len: 2048 }, 'asp.vmsa-length'],
    ...UPDATE,
    [[...ES_BOUND, 'LAUNCH_MEASURE'], {}, 'asp.guest-lupdate'],
    [BOUND, {}, 'asp.guest-not-es'],
    [ES, {}, 'asp.guest-inactive'],
    [ES_BOUND, { addr: 'D7+8' }, 'asp.alignment'],
    [ES_BOUND, { addr: 'TSEG' }, 'asp.copy-range'],
    [ES_BOUND, {}, null],
  ],
  LAUNCH_MEASURE: [
    ...UPDATE,
    [SECRET, {}, 'asp.guest-lupdate'],
    [GUEST, { len: 16 }, 'asp.measure-length'],
    [GUEST, { addr: 'TSEG' }, 'asp.copy-range'],
    [GUEST, {}, null],
  ],
  LAUNCH_SECRET: [
    ...UPDATE,
    [SECRET, { addr: 'D8+8' }, 'asp.alignment'],
    [SECRET, { hdrlen: 16 }, 'asp.secret-length'],
    [SECRET, { glen: 0, tlen: 0 }, 'asp.secret-length'],
    [SECRET, { glen: 64, tlen: 32 }, 'asp.secret-length'],
    [SECRET, { glen: 20496, tlen: 20496 }, 'asp.secret-length'],
    [BOUND, {}, 'asp.guest-lsecret'],
    [[...GUEST, 'LAUNCH_MEASURE'], {}, 'asp.guest-inactive'],
    [SECRET, { addr: 'TSEG' }, 'asp.copy-range'],
    [SECRET, { pkt: 'badmac' }, 'asp.packet-mac'],
    [SECRET, { pkt: 'compressed' }, 'asp.packet-compressed'],
    [SECRET, {}, null],
  ],
  LAUNCH_FINISH: [...UPDATE, [GUEST, {}, 'asp.guest-lsecret'], [SECRET, {}, null]],
  ATTESTATION: [
    ...UPDATE,
    [GUEST, {}, 'asp.guest-lsecret-running-supdate-sent'],
    [SECRET, { len: 16 }, 'asp.report-length'],
    [SECRET, { addr: 'TSEG' }, 'asp.copy-range'],
    [GONE, {}, null],
  ],
  SEND_START: [
    ...UPDATE,
    [RUNNING, { seslen: 16 }, 'asp.session-length'],
    [SECRET, {}, 'asp.guest-running'],
    [withPolicy(8), {}, 'asp.policy-nosend'],
    [withPolicy(32), { platlen: 16 }, 'asp.send-sev-length'],
    [withPolicy(32), { amdlen: 16 }, 'asp.send-sev-length'],
    [withPolicy(32), { certs: 'badarkhash' }, 'asp.send-sev-chain'],
    [withPolicy(32), { certs: 'badarkid' }, 'asp.send-sev-chain'],
    [withPolicy(32), { certs: 'badarksig' }, 'asp.send-sev-chain', 'BAD_SIGNATURE'],
    [withPolicy(32), { certs: 'badasksig' }, 'asp.send-sev-chain', 'BAD_SIGNATURE'],
    [withPolicy(32), { certs: 'badceksig' }, 'asp.send-sev-chain', 'BAD_SIGNATURE'],
    [withPolicy(32), { certs: 'badpeksig' }, 'asp.send-sev-chain', 'BAD_SIGNATURE'],
    [withPolicy(32), { certs: 'badpdhsig' }, 'asp.send-sev-chain', 'BAD_SIGNATURE'],
    [NEWER, {}, 'asp.send-sev-version'],
    [withPolicy(16), { platlen: 16 }, 'asp.send-domain-length'],
    [withPolicy(16), { certs: 'badpdhsig' }, 'asp.send-domain-chain', 'BAD_SIGNATURE'],
    [RUNNING, { pdhlen: 16 }, 'asp.send-pdh-length'],
    [RUNNING, { session: 'TSEG' }, 'asp.copy-range'],
    [RUNNING, {}, null],
    [withPolicy(16), {}, null],
    [withPolicy(32), {}, null],
    [withPolicy(48), { certs: 'badarksig' }, 'asp.send-sev-chain', 'BAD_SIGNATURE'],
  ],
  SEND_UPDATE_DATA: [
    ...UPDATE,
    [RUNNING, { hdrlen: 16 }, 'asp.header-length'],
    [RUNNING, {}, 'asp.guest-supdate'],
    [[...LEAVING, 'DEACTIVATE'], {}, 'asp.guest-inactive'],
    [LEAVING, { glen: 0 }, 'asp.send-length'],
    [LEAVING, { tlen: 32 }, 'asp.send-length'],
    [LEAVING, { addr: 'D8+8' }, 'asp.alignment'],
    [LEAVING, { addr: 'TSEG' }, 'asp.copy-range'],
    [LEAVING, { glen: 32 }, 'asp.packet-short'],
    [LEAVING, {}, null],
  ],
  SEND_UPDATE_VMSA: [
    ...UPDATE,
    [ES_LEAVING, { hdrlen: 16 }, 'asp.header-length'],
    [[...ES_BOUND, 'LAUNCH_MEASURE'], {}, 'asp.guest-supdate'],
    [LEAVING, {}, 'asp.guest-not-es'],
    [[...ES_LEAVING, 'DEACTIVATE'], {}, 'asp.guest-inactive'],
    [ES_LEAVING, { glen: 8 }, 'asp.send-length'],
    [ES_LEAVING, { addr: 'D7+8' }, 'asp.alignment'],
    [ES_LEAVING, { addr: 'OOB' }, 'asp.copy-range', 'INVALID_CONFIG'],
    [ES_LEAVING, { glen: 16 }, 'asp.packet-short'],
    [ES_LEAVING, { addr: 'D8' }, 'asp.vmsa-checksum'],
    [ES_LEAVING, {}, null],
  ],
  SEND_FINISH: [...UPDATE, [RUNNING, {}, 'asp.guest-supdate'], [LEAVING, {}, null]],
  SEND_CANCEL: [...UPDATE, [GONE, {}, 'asp.guest-supdate'], [LEAVING, {}, null]],
  RECEIVE_UPDATE_DATA: [
    ...UPDATE,
    [BOUND, {}, 'asp.guest-rupdate'],
    [COMING, {}, 'asp.guest-inactive'],
    [COMING_BOUND, { glen: 8, tlen: 8 }, 'asp.receive-length'],
    [COMING_BOUND, { glen: 32 }, 'asp.receive-length'],
    [COMING_BOUND, { hdrlen: 16 }, 'asp.receive-length'],
    [COMING_BOUND, { addr: 'D8+8' }, 'asp.alignment'],
    [COMING_BOUND, { addr: 'TSEG' }, 'asp.copy-range'],
    [COMING_BOUND, { pkt: 'compressed' }, 'asp.packet-compressed'],
    [COMING_BOUND, { glen: 32, tlen: 32 }, 'asp.packet-short'],
    [COMING_BOUND, { pkt: 'badmac' }, 'asp.packet-mac'],
    [COMING_BOUND, {}, null],
  ],
  RECEIVE_UPDATE_VMSA: [
    ...UPDATE,
    [BOUND, {}, 'asp.guest-rupdate'],
    [COMING_BOUND, {}, 'asp.guest-not-es'],
    [[...INIT_ES, ['RECEIVE_START', { policy: 4 }]], {}, 'asp.guest-inactive'],
    [ES_COMING, { hdrlen: 16 }, 'asp.receive-length'],
    [ES_COMING, { addr: 'D7+8' }, 'asp.alignment'],
    [ES_COMING, { addr: 'TSEG' }, 'asp.copy-range'],
    [ES_COMING, { pkt: 'compressed' }, 'asp.packet-compressed'],
    [ES_COMING, { glen: 16, tlen: 16 }, 'asp.packet-short'],
    [ES_COMING, { pkt: 'badmac' }, 'asp.packet-mac'],
    [ES_COMING, { glen: 64, tlen: 64 }, 'asp.received-vmsa-length'],
    [ES_COMING, {}, null],
  ],
  RECEIVE_FINISH: [...UPDATE, [GUEST, {}, 'asp.guest-rupdate'], [COMING_BOUND, {}, null]],
  DBG_DECRYPT: DEBUG,
  DBG_ENCRYPT: DEBUG,
  SWAP_OUT: [
    [INIT, {}, STATE],
    [BOUND, { src: 'TSEG' }, 'asp.swap-range'],
    [BOUND, { mdata: 'D6+16' }, 'asp.swap-alignment'],
    [BOUND, { size: '2M' }, 'asp.swap-alignment'],
    [BOUND, { mdata: 'D8' }, 'asp.swap-overlap'],
    [BOUND, { type: 2, size: '2M', src: 'E0', dst: 'E1' }, 'asp.swap-large-vmsa'],
    [BOUND, { guest: 'g3' }, 'asp.handle'],
    [GUEST, {}, 'asp.guest-inactive'],
    [BOUND, { type: 2 }, 'asp.swap-type'],
    [ES_LEAVING, { src: 'D7' }, 'asp.swap-type'],
    [BOUND, {}, null],
    [ES_LEAVING, { src: 'D7', type: 2 }, null],
  ],
  SWAP_IN: [
    [INIT, {}, STATE],
    [BOUND, { src: 'TSEG' }, 'asp.swap-range'],
    [BOUND, { size: '2M' }, 'asp.swap-alignment'],
    [BOUND, { mdata: 'D9' }, 'asp.swap-overlap'],
    [[...BOUND, 'SWAP_OUT'], { type: 2 }, 'asp.swap-record'],
    [[...BOUND, 'SWAP_OUT'], { inplace: 1 }, 'asp.swap-record'],
    [[...BOUND, 'SWAP_OUT'], { guest: 'g3' }, 'asp.handle'],
    [[...BOUND, 'SWAP_OUT', 'DEACTIVATE'], {}, 'asp.guest-inactive'],
    [[...BOUND, 'SWAP_OUT'], { src: 'D10' }, 'asp.swap-tag'],
    [[...BOUND, 'SWAP_OUT'], {}, null],
    [[...BOUND, 'SWAP_OUT'], { dst: 'D9', inplace: 1 }, null],
  ],
};

/** What no case of this machine reaches, with the reason. */
const UNREACHED: Readonly<Record<string, string>> = {
  'asp.firmware-writable': 'only with SNP',
  'asp.memory-encryption-off': 'tested with a machine without memory encryption',
  'asp.snp-without-rmp': 'tested with SNPEn',
  'asp.asid-dirty-here':
    'an ASID that is bound is never dirty on another complex as long as the first bind asks for all',
  'asp.asid-not-clean': 'ACTIVATE: what is neither dirty nor owned is clean everywhere',
  'asp.send-asid-idle': 'a bound ASID is in use or reserved',
  'asp.send-other-domain': 'tested between two platforms',
  'asp.swap-counter': '2^53 pages',
  'asp.session-certificate': 'SEND_START: tested in firmware.test.ts',
  'asp.checksum-pool': 'tested before the first DF_FLUSH',
  'asp.ring-on': 'the mode ends before another command is looked at',
  'asp.length-unit': 'LAUNCH_UPDATE_VMSA has tested its length before',
  'asp.copy-range': 'several buffers, one case a command',
  'asp.tmr-range': 'INIT_EX tests it twice',
  'asp.storage-integrity': 'INIT: the flash memory of the simulator keeps what it got',
};

const lab = new Lab(CONFIG);
const start = lab.mark;

describeCases(lab, CASES, UNREACHED);

describe('checks that need another machine', () => {
  it('INIT without memory encryption', () => {
    const plain = new Lab(CONFIG);
    Object.assign(plain.p, { config: { ...plain.p.config, technology: 'off' } });
    expect(new Run(plain).perform({ cmd: 'INIT' })).toEqual({ status: STATUS.HARDWARE_PLATFORM.value });
  });

  it('INIT with SNPEn and no RMP', () => {
    const snp = new Lab({ ...CONFIG, snpEn: true });
    expect(new Run(snp).perform({ cmd: 'INIT' })).toEqual({ status: STATUS.INVALID_PLATFORM_STATE.value });
    expect(snp.decided().check).toBe('asp.snp-without-rmp');
  });

  it('a VMSA before the trusted region is live', () => {
    lab.backTo(start);
    const run = new Run(lab);
    run.perform({ cmd: 'HOST_WBINVD' });
    run.perform({ cmd: 'INIT', p: { es: 1, tmr: 'TMR1' } });
    run.perform({ cmd: 'LAUNCH_START', p: { policy: 4 } });
    lab.p.trace.patch('handle', 1, { asid: 1, activation: 'pending', complexes: 3 });
    expect(run.perform({ cmd: 'LAUNCH_UPDATE_VMSA' })).toEqual({ status: STATUS.RESOURCE_LIMIT.value });
  });
});
