import type { PlatformCell } from '../core/aspCells';
import type { Platform } from '../core/platform';

/** The platform as it is after a reset, before any command. */
const FRESH: PlatformCell = {
  sev: 'UNINIT',
  es: false,
  guests: 0,
  identity: null,
  tmr: null,
  nv: null,
  snp: 'UNINIT',
  rmpInitialised: false,
  ring: null,
};

export const platformOf = (p: Platform): PlatformCell => p.state.cell('platform') ?? FRESH;

/** Changes some of what the firmware knows of the platform. */
export function patchPlatform(p: Platform, fields: Partial<PlatformCell>): void {
  p.trace.set('platform', 0, { ...platformOf(p), ...fields });
}

/** Numbers of the platform states as PLATFORM_STATUS tells them (AMD-ASPFW sev_plat.h). */
export const PLATFORM_STATES = { UNINIT: 0, INIT: 1, WORKING: 2 } as const;

/**
 * The version that this firmware gives as its own: AMD-ASPFW's first publication, 1.55 build 25, whatever the generation
 * (modelled: each has its own firmware).
 */
export const FIRMWARE = { major: 1, minor: 55, build: 25 } as const;
