import { allComplexes } from '../asids';
import { type Bound, bindAsid } from '../binding';
import type { Call } from '../call';
import { apicList, chosenComplexes, dirtyHere } from '../checks/apic';
import {
  asidDirty,
  asidHalf,
  asidNotClean,
  asidOwned,
  asidRange,
  boundElsewhere,
  firstBind,
} from '../checks/asid';
import { hasNoAsid, liveGuest, notSent } from '../checks/guest';
import { platformIn } from '../checks/platform';
import { command } from '../command';

/** A guest gets its ASID. */
function sevGuest({ theGuest: guest }: Call): Bound {
  return { ...guest, runs: guest.state === 'RUNNING' || guest.state === 'SUPDATE' };
}

const bind = (call: Call, complexes: number): void =>
  call.patchGuest(bindAsid(call.p, sevGuest(call), call.int('ASID'), complexes));

export const ACTIVATE = command({
  id: 0x021,
  name: 'ACTIVATE',
  purpose: 'Bind the guest to an ASID on all core complexes and load its key.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_activate, mcmd_activate_common)',
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    asidRange,
    asidOwned,
    hasNoAsid,
    notSent,
    asidDirty,
    asidNotClean,
    asidHalf(sevGuest),
  ],
  run: (call) => bind(call, allComplexes(call.p)),
});

const EX = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_activate_ex, mcmd_activate_ex_common)';

export const ACTIVATE_EX = command({
  id: 0x025,
  name: 'ACTIVATE_EX',
  purpose: 'Bind the guest to an ASID on the core complexes of some threads; again, to add more.',
  source: EX,
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    {
      id: 'asp.activate-ex-length',
      says: 'LENGTH is not 0x18',
      status: 'INVALID_PARAM',
      source: EX,
      holds: (call) => call.int('LENGTH') !== 0x18,
    },
    liveGuest,
    asidRange,
    ...apicList,
    notSent,
    firstBind(sevGuest, asidDirty),
    firstBind(sevGuest, asidNotClean),
    boundElsewhere(sevGuest),
    asidHalf(sevGuest),
    dirtyHere,
  ],
  run: (call) => bind(call, chosenComplexes(call)),
});
