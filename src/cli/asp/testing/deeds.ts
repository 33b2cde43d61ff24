import type { Case, Deed } from './cases';

/** How a case gets there: commands with their parameters, as traces write them. */
export const INIT: Deed[] = ['INIT', 'HOST_WBINVD', 'DF_FLUSH'];
export const INIT_ES: Deed[] = [['INIT', { es: 1, tmr: 'TMR1' }], 'HOST_WBINVD', 'DF_FLUSH'];
export const GUEST: Deed[] = [...INIT, ['LAUNCH_START', { session: 'good' }]];
export const BOUND: Deed[] = [...GUEST, ['ACTIVATE', { asid: 3 }]];
export const SECRET: Deed[] = [...BOUND, 'LAUNCH_MEASURE'];
export const RUNNING: Deed[] = [...SECRET, 'LAUNCH_FINISH'];
export const LEAVING: Deed[] = [...RUNNING, 'SEND_START'];
export const GONE: Deed[] = [...LEAVING, 'SEND_FINISH'];
export const COMING: Deed[] = [...INIT, 'RECEIVE_START'];
export const COMING_BOUND: Deed[] = [...COMING, ['ACTIVATE', { asid: 3 }]];
export const ES: Deed[] = [...INIT_ES, ['LAUNCH_START', { policy: 4, session: 'good' }]];
export const ES_BOUND: Deed[] = [...ES, ['ACTIVATE', { asid: 1 }]];
export const ES_LEAVING: Deed[] = [
  ...ES_BOUND,
  'LAUNCH_UPDATE_VMSA',
  'LAUNCH_MEASURE',
  'LAUNCH_FINISH',
  'SEND_START',
];
export const ES_COMING: Deed[] = [...INIT_ES, ['RECEIVE_START', { policy: 4 }], ['ACTIVATE', { asid: 1 }]];
export const withPolicy = (policy: number): Deed[] => [
  ...INIT,
  ['LAUNCH_START', { policy, session: 'good' }],
  ['ACTIVATE', { asid: 3 }],
  'LAUNCH_MEASURE',
  'LAUNCH_FINISH',
];
/** Without a session nobody looks whether the policy asks for a newer firmware. */
export const NEWER: Deed[] = [
  ...INIT,
  ['LAUNCH_START', { policy: 0x38010020 }],
  ['ACTIVATE', { asid: 3 }],
  'LAUNCH_MEASURE',
  'LAUNCH_FINISH',
];
export const FULL: Deed[] = [...INIT, ...Array.from({ length: 1024 }, (): Deed => ['LAUNCH_START', {}])];
export const STATE = 'asp.platform-working';

/** What several commands test alike. */
export const UPDATE: readonly Case[] = [
  [INIT, {}, STATE],
  [GUEST, { guest: 'g3' }, 'asp.handle'],
  [GUEST, { guest: 0 }, 'asp.handle'],
  [GUEST, { guest: 1025 }, 'asp.handle'],
];

export const IDENTITY_STATE: readonly Case[] = [
  [[], {}, 'asp.platform-init-working'],
  [GUEST, {}, null],
];
