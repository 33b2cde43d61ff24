import { readU32 } from '../../core/bytes';
import type { Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { clearWbinvd } from '../../cpu/wbinvd';
import { admitAsid, allComplexes, masksOf, maxAsid, minSevAsid, occupyAsid, releaseAsid } from '../asids';
import type { Call } from '../call';
import { rangeStatus } from '../checks/address';
import { hasAsid, hasNoAsid, liveGuest, notSent } from '../checks/guest';
import { neverHere, platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { GUEST_STATES } from '../guests';
import { patchPlatform } from '../platform';
import { freeBlocks } from '../tmr';

/** A guest gets its ASID, loses it, and is forgotten. */
const COMMON = 'AMD-ASPFW sev_mcmd.c (activate_common)';

const asidRange: Check = {
  id: 'asp.asid-range',
  says: 'ASID is 0 or above the highest one',
  status: 'INVALID_ASID',
  source: COMMON,
  holds: (call) => call.int('ASID') === 0 || call.int('ASID') > maxAsid(call.p),
};

const dirty: Check = {
  id: 'asp.asid-dirty',
  says: 'the ASID is dirty on a core complex: it was used and not flushed since',
  status: 'DF_FLUSH_REQUIRED',
  source: COMMON,
  holds: (call) => masksOf(call.p, call.int('ASID')).dirty !== 0,
};

const notClean: Check = {
  id: 'asp.asid-not-clean',
  says: 'the ASID is not clean on every core complex',
  status: 'ASID_OWNED',
  source: COMMON,
  holds: (call) => masksOf(call.p, call.int('ASID')).clean !== allComplexes(call.p),
};

const wrongHalf: Check = {
  id: 'asp.asid-half',
  says: 'a SEV-ES guest needs an ASID below MIN_SEV_ASID, a plain SEV guest one from there on',
  status: 'INVALID_ASID',
  source: 'AMD-ASPFW sev_es.c (sev_es_validate_asid)',
  holds: (call) => call.int('ASID') < minSevAsid(call.p) !== call.theGuest.es,
};

/** The one memory channel of this machine. */
const CHANNEL = 0;

const GUEST_KEY: Rule = {
  id: 'asp.guest-key',
  says: 'A guest’s memory key is derived from its random seed for each memory channel and loaded into the slot of its ASID; no software can read it.',
  source: 'AMD-ASPFW umc.c (set_umc_key), sev_guest.h; one channel is modelled',
  standing: 'published',
};

/** Binds the guest to the ASID on these complexes; the first time, its memory key goes into the ASID's slot. */
function bind(call: Call, complexes: number): void {
  const { p, theGuest: guest } = call;
  const asid = call.int('ASID');
  if (guest.asid === 0) {
    p.trace.fact('note', { what: 'key loaded', slot: asid, keyId: guest.vek }, GUEST_KEY);
    p.trace.set('slot', asid, { keyId: guest.vek, channel: CHANNEL });
  }
  const runs = guest.state === 'RUNNING' || guest.state === 'SUPDATE';
  occupyAsid(p, asid, complexes, runs);
  call.patchGuest({
    asid,
    activation: runs ? 'active' : 'pending',
    complexes: (guest.complexes | complexes) >>> 0,
  });
}

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
    {
      id: 'asp.asid-owned',
      says: 'the ASID is reserved or in use on a core complex',
      status: 'ASID_OWNED',
      source: COMMON,
      holds: (call) => {
        const { allocated, inUse } = masksOf(call.p, call.int('ASID'));
        return allocated !== 0 || inUse !== 0;
      },
    },
    hasNoAsid,
    notSent,
    dirty,
    notClean,
    wrongHalf,
  ],
  run: (call) => bind(call, allComplexes(call.p)),
});

/** APIC ids of this machine are the numbers of its threads (modelled). */
function complexesOf(p: Platform, ids: readonly number[]): number | null {
  let complexes = 0;
  for (const id of ids) {
    const core = p.state.cell('core', id);
    if (!core) return null;
    complexes |= 1 << core.complex;
  }
  return complexes >>> 0;
}

const apicIds = (call: Call): number[] =>
  call.once('APIC ids', () => {
    const bytes = call.copyIn('IDS_PADDR', 4 * call.int('NUMIDS'));
    return Array.from({ length: call.int('NUMIDS') }, (_, i) => readU32(bytes, 4 * i));
  });

const firstBind = (check: Check): Check => ({
  ...check,
  says: `at the first bind: ${check.says}`,
  holds: (call) => call.theGuest.asid === 0 && check.holds(call),
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
    neverHere(
      'apic-table',
      'the firmware has no consistent table of APIC ids',
      'UNSUPPORTED',
      'AMD-ASPFW apicid.c',
    ),
    {
      id: 'asp.apic-count',
      says: 'NUMIDS is 0 or above 1024',
      status: 'INVALID_PARAM',
      source: EX,
      holds: (call) => call.int('NUMIDS') === 0 || call.int('NUMIDS') > 1024,
    },
    {
      id: 'asp.apic-list',
      says: 'the list of APIC ids lies in forbidden memory, or not inside one range of DRAM',
      status: 'INVALID_ADDRESS',
      source: 'AMD-ASPFW x86_copy.c (validate_address_range)',
      holds: (call) => rangeStatus(call.p, call.address('IDS_PADDR'), 4 * call.int('NUMIDS')) ?? false,
    },
    {
      id: 'asp.apic-high',
      says: 'an APIC id is 512 or more',
      status: 'ERR_INTERNAL',
      source: 'AMD-ASPFW apicid.c (apicid_to_ccx_bitmask)',
      holds: (call) => apicIds(call).some((id) => id >= 512),
    },
    {
      id: 'asp.apic-absent',
      says: 'an APIC id belongs to no thread',
      status: 'INVALID_CONFIG',
      source: 'AMD-ASPFW apicid.c (apicid_to_ccx_bitmask)',
      holds: (call) => complexesOf(call.p, apicIds(call)) === null,
    },
    notSent,
    firstBind(dirty),
    firstBind(notClean),
    {
      id: 'asp.other-asid',
      says: 'the guest is bound to another ASID',
      status: 'ACTIVE',
      source: COMMON,
      holds: (call) => call.theGuest.asid !== 0 && call.theGuest.asid !== call.int('ASID'),
    },
    wrongHalf,
    {
      id: 'asp.asid-dirty-here',
      says: 'the ASID is dirty on one of these core complexes',
      status: 'DF_FLUSH_REQUIRED',
      source: COMMON,
      holds: (call) =>
        (masksOf(call.p, call.int('ASID')).dirty & (complexesOf(call.p, apicIds(call)) ?? 0)) !== 0,
    },
  ],
  run: (call) => bind(call, complexesOf(call.p, apicIds(call)) ?? 0),
});

export const DEACTIVATE = command({
  id: 0x022,
  name: 'DEACTIVATE',
  purpose: 'Take the guest’s ASID away. Its key stays in the slot until another guest’s is loaded.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_deactivate), sev_guest.c (sev_guest_deactivate)',
  writes: 'nothing',
  checks: [platformIn('WORKING'), liveGuest, hasAsid],
  run: (call) => {
    clearWbinvd(call.p, releaseAsid(call.p, call.theGuest.asid));
    call.patchGuest({ asid: 0, activation: 'inactive', complexes: 0 });
  },
});

export const DECOMMISSION = command({
  id: 0x020,
  name: 'DECOMMISSION',
  purpose: 'Forget a guest; its handle is free again.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_decommission, mcmd_decommission_common)',
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    hasNoAsid,
    neverHere(
      'checksum-blocks',
      'the guest’s checksum blocks cannot be returned',
      'ERR_INTERNAL',
      'AMD-ASPFW sev_es.c',
    ),
  ],
  run: (call) => {
    freeBlocks(call.p, call.theGuest.blocks);
    call.p.trace.set('handle', call.handle, null);
    const guests = call.platform.guests - 1;
    patchPlatform(call.p, { guests, sev: guests === 0 ? 'INIT' : 'WORKING' });
  },
});

export const GUEST_STATUS = command({
  id: 0x023,
  name: 'GUEST_STATUS',
  purpose: 'Tell a guest’s policy, ASID and state; of a handle that nobody has, state 0.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_guest_status)',
  writes: 'buffer',
  checks: [platformIn('INIT', 'WORKING')],
  run: (call) => {
    const { guest } = call;
    call.answer('POLICY', guest?.policy ?? 0);
    call.answer('ASID', guest?.asid ?? 0);
    call.answer('STATE', GUEST_STATES[guest?.state ?? 'UNINIT']);
  },
});

/** LAUNCH_FINISH, RECEIVE_FINISH: the guest may run. Its transport keys are forgotten. */
export function admitGuest(call: Call): void {
  const { asid, activation } = call.theGuest;
  if (activation === 'pending') admitAsid(call.p, asid);
  call.patchGuest({
    state: 'RUNNING',
    activation: activation === 'pending' ? 'active' : activation,
    digest: null,
    transport: null,
  });
}
