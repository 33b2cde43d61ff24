import { allComplexes, masksOf, maxAsid, minSevAsid } from '../asids';
import type { Bound } from '../binding';
import type { Call } from '../call';
import type { Check } from '../command';

/** What the firmware tests of an ASID before a guest gets it, of whatever kind the guest is. */
const COMMON = 'AMD-ASPFW sev_mcmd.c (activate_common)';

export const asidRange: Check = {
  id: 'asp.asid-range',
  says: 'ASID is 0 or above the highest one',
  status: 'INVALID_ASID',
  source: COMMON,
  holds: (call) => call.int('ASID') === 0 || call.int('ASID') > maxAsid(call.p),
};

export const asidOwned: Check = {
  id: 'asp.asid-owned',
  says: 'the ASID is reserved or in use on a core complex',
  status: 'ASID_OWNED',
  source: COMMON,
  holds: (call) => {
    const { allocated, inUse } = masksOf(call.p, call.int('ASID'));
    return allocated !== 0 || inUse !== 0;
  },
};

export const asidDirty: Check = {
  id: 'asp.asid-dirty',
  says: 'the ASID is dirty on a core complex: it was used and not flushed since',
  status: 'DF_FLUSH_REQUIRED',
  source: COMMON,
  holds: (call) => masksOf(call.p, call.int('ASID')).dirty !== 0,
};

export const asidNotClean: Check = {
  id: 'asp.asid-not-clean',
  says: 'the ASID is not clean on every core complex',
  status: 'ASID_OWNED',
  source: COMMON,
  holds: (call) => masksOf(call.p, call.int('ASID')).clean !== allComplexes(call.p),
};

/** Whom a command is about, once its checks have made sure that there is somebody. */
type Subject = (call: Call) => Bound;

export const asidHalf = (subject: Subject): Check => ({
  id: 'asp.asid-half',
  says: 'a guest with SEV-ES or SEV-SNP needs an ASID below MIN_SEV_ASID, a plain SEV guest one from there on',
  status: 'INVALID_ASID',
  source: 'AMD-ASPFW sev_es.c (sev_es_validate_asid)',
  holds: (call) => call.int('ASID') < minSevAsid(call.p) !== subject(call).es,
});

export const boundElsewhere = (subject: Subject): Check => ({
  id: 'asp.other-asid',
  says: 'the guest is bound to another ASID',
  status: 'ACTIVE',
  source: COMMON,
  holds: (call) => subject(call).asid !== 0 && subject(call).asid !== call.int('ASID'),
});

/** Only while the guest has no ASID. */
export const firstBind = (subject: Subject, check: Check): Check => ({
  ...check,
  says: `at the first bind: ${check.says}`,
  holds: (call) => subject(call).asid === 0 && check.holds(call),
});
