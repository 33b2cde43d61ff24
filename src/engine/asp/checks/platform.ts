import type { SevPlatformState } from '../../core/aspCells';
import type { Check } from '../command';

/** The platform has to be in one of these states. */
export const platformIn = (...states: readonly SevPlatformState[]): Check => ({
  id: `asp.platform-${states.join('-').toLowerCase()}`,
  says: `the platform’s state is not ${states.join(' or ')}`,
  status: 'INVALID_PLATFORM_STATE',
  source: 'AMD-ASPFW sev_plat.c (state_tbl_sev)',
  holds: ({ platform }) => !states.includes(platform.sev),
});

/** What the hardware and the flash memory of this machine never do. It stands in the order because the firmware tests it. */
export const neverHere = (id: string, says: string, status: Check['status'], source: string): Check => ({
  id: `asp.${id}`,
  says: `${says} (never so in this simulator)`,
  status,
  source,
  holds: () => false,
});

export const notSaved: Check = neverHere(
  'not-saved',
  'the persistent data cannot be saved',
  'HARDWARE_PLATFORM',
  'AMD-ASPFW sev_persistent.c',
);
