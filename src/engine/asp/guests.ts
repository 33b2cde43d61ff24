import type { HandleCell } from '../core/aspCells';
import type { Platform } from '../core/platform';

/** Handles run from 1 to this (AMD-ASPFW sev_guest.c); 0 means none. */
export const MAX_HANDLE = 1024;

/** Numbers of the guest states as GUEST_STATUS tells them (AMD-ASPFW sev_guest.h). */
export const GUEST_STATES = {
  UNINIT: 0,
  LUPDATE: 1,
  LSECRET: 2,
  RUNNING: 3,
  SUPDATE: 4,
  RUPDATE: 5,
  SENT: 6,
} as const;

/** Bits of the guest policy (AMD-ASPFW sev_guest.h). */
export const POLICY = { noDebug: 1, noKeySharing: 2, es: 4, noSend: 8, domain: 16, sev: 32 } as const;

/** Bits 15:6. */
export const POLICY_RESERVED = 0xffc0;

/** Least firmware version that a policy asks for: API_MAJOR in bits 23:16, API_MINOR in bits 31:24. */
export const policyVersion = (policy: number): { major: number; minor: number } => ({
  major: (policy >>> 16) & 0xff,
  minor: policy >>> 24,
});

/** A live guest as the firmware keeps it, or null. */
export const guestContext = (p: Platform, handle: number): HandleCell | null =>
  handle >= 1 && handle <= MAX_HANDLE ? p.state.cell('handle', handle) : null;

/** The lowest handle that no guest has, or null. */
export function freeHandle(p: Platform): number | null {
  for (let handle = 1; handle <= MAX_HANDLE; handle++) if (!p.state.cell('handle', handle)) return handle;
  return null;
}

/** Handles of all live guests, ascending. */
export function liveHandles(p: Platform): number[] {
  const count = p.state.cell('platform')?.guests ?? 0;
  const found: number[] = [];
  for (let handle = 1; handle <= MAX_HANDLE && found.length < count; handle++)
    if (p.state.cell('handle', handle)) found.push(handle);
  return found;
}
