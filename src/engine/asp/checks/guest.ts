import type { SevGuestState } from '../../core/aspCells';
import type { Check } from '../command';
import { GUEST_STATES, POLICY } from '../guests';

export const liveGuest: Check = {
  id: 'asp.handle',
  says: 'HANDLE is not in 1 to 1024, or no guest has it',
  status: 'INVALID_GUEST',
  source: 'AMD-ASPFW sev_guest.c',
  holds: ({ guest }) => guest === null,
};

/** The guest has to be in one of these states. */
export const guestIn = (...states: readonly SevGuestState[]): Check => ({
  id: `asp.guest-${states.join('-').toLowerCase()}`,
  says: `the guest’s state is not ${states.join(' or ')}`,
  status: 'INVALID_GUEST_STATE',
  source: 'AMD-ASPFW sev_guest.c (state_tbl_sev)',
  holds: ({ guest }) => guest === null || !states.includes(guest.state),
});

export const notSent: Check = {
  id: 'asp.guest-sent',
  says: `the guest was sent away (state ${GUEST_STATES.SENT}, SENT)`,
  status: 'INVALID_GUEST_STATE',
  source: 'AMD-ASPFW sev_guest.c (sev_guest_activate)',
  holds: ({ guest }) => guest?.state === 'SENT',
};

export const hasAsid: Check = {
  id: 'asp.guest-inactive',
  says: 'the guest has no ASID',
  status: 'INACTIVE',
  source: 'AMD-ASPFW sev_mcmd.c',
  holds: ({ guest }) => guest?.asid === 0,
};

export const hasNoAsid: Check = {
  id: 'asp.guest-active',
  says: 'the guest has an ASID',
  status: 'ACTIVE',
  source: 'AMD-ASPFW sev_mcmd.c',
  holds: ({ guest }) => guest !== null && guest.asid !== 0,
};

export const isEsGuest: Check = {
  id: 'asp.guest-not-es',
  says: 'the guest is no SEV-ES guest',
  status: 'UNSUPPORTED',
  source: 'AMD-ASPFW sev_mcmd.c',
  holds: ({ guest }) => guest !== null && !guest.es,
};

/** A policy bit that forbids the command. */
export const policyForbids = (name: 'NODBG' | 'NOSEND'): Check => ({
  id: `asp.policy-${name.toLowerCase()}`,
  says: `the guest’s policy has ${name}`,
  status: 'POLICY_FAILURE',
  source: 'AMD-ASPFW sev_guest.h, sev_mcmd.c',
  holds: ({ guest }) =>
    guest !== null && (guest.policy & (name === 'NODBG' ? POLICY.noDebug : POLICY.noSend)) !== 0,
});
