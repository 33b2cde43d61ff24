import type { LEGACY_ROWS } from '../../../engine/asp/layouts/legacy';
import type { Case } from './cases';
import { GUEST, IDENTITY_STATE, INIT, RUNNING } from './deeds';

/** INIT and INIT_EX, behind what they test for themselves. */
const TRUSTED: readonly Case[] = [
  [[], { es: 1, tmr: 'TMR1+0x1000' }, 'asp.tmr-alignment'],
  [[], { es: 1, tmr: 'TMR1', tmrlen: 0x80000 }, 'asp.tmr-length'],
  [[], { es: 1, tmr: 'OOB' }, 'asp.tmr-dram'],
  [[], { es: 1, tmr: 'TMR1' }, null],
];

/** The platform itself: what it is, its keys, its firmware. */
export const PLATFORM_CASES = {
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
} as const satisfies { readonly [N in keyof typeof LEGACY_ROWS]?: readonly Case[] };
