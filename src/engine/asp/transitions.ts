import type { SevGuestState, SevPlatformState } from '../core/aspCells';
import type { CommandName } from './layouts';

/** A step from one state to another, and the commands that take it when all their checks pass. */
export interface Transition<S extends string = string> {
  readonly from: S;
  readonly to: S;
  readonly by: readonly string[];
  /** What has to hold beside the command's checks. */
  readonly when?: string;
}

/** A state machine of the firmware as its tables have it. Commands that stay in a state are transitions to itself. */
export interface StateMachine<S extends string = string> {
  /** In the order of their numbers. */
  readonly states: readonly S[];
  readonly transitions: readonly Transition<S>[];
  readonly source: string;
}

interface Known<S extends string> extends Transition<S> {
  readonly by: readonly CommandName[];
}

const platform: readonly Known<SevPlatformState>[] = [
  { from: 'UNINIT', to: 'INIT', by: ['INIT', 'INIT_EX'] },
  { from: 'INIT', to: 'WORKING', by: ['LAUNCH_START', 'RECEIVE_START'] },
  { from: 'WORKING', to: 'WORKING', by: ['LAUNCH_START', 'RECEIVE_START'] },
  { from: 'WORKING', to: 'INIT', by: ['DECOMMISSION'], when: 'it was the last guest' },
  { from: 'UNINIT', to: 'UNINIT', by: ['SHUTDOWN', 'PLATFORM_RESET'] },
  { from: 'UNINIT', to: 'UNINIT', by: ['DOWNLOAD_FIRMWARE'], when: 'SNP is UNINIT too' },
  { from: 'INIT', to: 'UNINIT', by: ['SHUTDOWN'] },
  { from: 'WORKING', to: 'UNINIT', by: ['SHUTDOWN'] },
];

export const PLATFORM_MACHINE: StateMachine<SevPlatformState> = {
  states: ['UNINIT', 'INIT', 'WORKING'],
  transitions: platform,
  source: 'AMD-ASPFW sev_plat.h (sev_state_t), sev_plat.c (state_tbl_sev)',
};

/** The other platform machine. Launching guests does not change it, so it has no WORKING. */
export const SNP_PLATFORM_MACHINE: StateMachine<'UNINIT' | 'INIT'> = {
  states: ['UNINIT', 'INIT'],
  transitions: [
    { from: 'UNINIT', to: 'INIT', by: ['SNP_INIT', 'SNP_INIT_EX'], when: 'the legacy state is UNINIT' },
    {
      from: 'INIT',
      to: 'UNINIT',
      by: ['SNP_SHUTDOWN', 'SNP_SHUTDOWN_EX'],
      when: 'the legacy state is UNINIT and every ASID is clean',
    },
    {
      from: 'UNINIT',
      to: 'UNINIT',
      by: ['SNP_SHUTDOWN', 'SNP_SHUTDOWN_EX'],
      when: 'the legacy state is UNINIT (no-op)',
    },
  ],
  source: 'AMD-ASPFW sev_plat.h (snp_state_t), sev_plat.c (state_tbl_snp)',
};

/** `UNINIT`: no guest has the handle. */
export type GuestStateName = SevGuestState | 'UNINIT';

const LIVE: readonly SevGuestState[] = ['LUPDATE', 'LSECRET', 'RUNNING', 'SUPDATE', 'RUPDATE', 'SENT'];

const guest: readonly Known<GuestStateName>[] = [
  { from: 'UNINIT', to: 'LUPDATE', by: ['LAUNCH_START'] },
  { from: 'UNINIT', to: 'RUPDATE', by: ['RECEIVE_START'] },
  { from: 'LUPDATE', to: 'LSECRET', by: ['LAUNCH_MEASURE'] },
  { from: 'LSECRET', to: 'RUNNING', by: ['LAUNCH_FINISH'] },
  { from: 'RUNNING', to: 'SUPDATE', by: ['SEND_START'] },
  { from: 'SUPDATE', to: 'SENT', by: ['SEND_FINISH'] },
  { from: 'SUPDATE', to: 'RUNNING', by: ['SEND_CANCEL'] },
  { from: 'RUPDATE', to: 'RUNNING', by: ['RECEIVE_FINISH'] },
  ...LIVE.map((from) => ({ from, to: 'UNINIT', by: ['DECOMMISSION'] }) as const),
  { from: 'LUPDATE', to: 'LUPDATE', by: ['LAUNCH_UPDATE_DATA', 'LAUNCH_UPDATE_VMSA'] },
  { from: 'LSECRET', to: 'LSECRET', by: ['LAUNCH_SECRET'] },
  { from: 'SUPDATE', to: 'SUPDATE', by: ['SEND_UPDATE_DATA', 'SEND_UPDATE_VMSA'] },
  { from: 'RUPDATE', to: 'RUPDATE', by: ['RECEIVE_UPDATE_DATA', 'RECEIVE_UPDATE_VMSA'] },
];

export const GUEST_MACHINE: StateMachine<GuestStateName> = {
  states: ['UNINIT', 'LUPDATE', 'LSECRET', 'RUNNING', 'SUPDATE', 'RUPDATE', 'SENT'],
  transitions: guest,
  source: 'AMD-ASPFW sev_guest.h (sev_guest_state_t), sev_guest.c (state_tbl_sev)',
};

type Activation = 'inactive' | 'pending' | 'active';

const activation: readonly Known<Activation>[] = [
  { from: 'inactive', to: 'pending', by: ['ACTIVATE', 'ACTIVATE_EX'], when: 'the guest does not run yet' },
  { from: 'inactive', to: 'active', by: ['ACTIVATE', 'ACTIVATE_EX'], when: 'it is RUNNING or SUPDATE' },
  { from: 'pending', to: 'active', by: ['LAUNCH_FINISH', 'RECEIVE_FINISH'] },
  { from: 'pending', to: 'inactive', by: ['DEACTIVATE'] },
  { from: 'active', to: 'inactive', by: ['DEACTIVATE'] },
];

/** A property of its own beside the guest's state: is it bound to an ASID, and do the cores take it? */
export const ACTIVATION_MACHINE: StateMachine<Activation> = {
  states: ['inactive', 'pending', 'active'],
  transitions: activation,
  source: 'AMD-ASPFW sev_guest.h, sev_mcmd.c (activate_common)',
};
