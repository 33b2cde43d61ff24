import { PAGE_SIZE } from '../../core/address';
import { type Outcome, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { RmpAccess } from '../access';
import { rmpCheck } from '../check';
import { type RmpEntry, rmpEntry } from '../entry';
import type { GuestContext, Mapping } from '../instructions/guest';
import type { HostContext } from '../instructions/host';
import type { Ended } from '../instructions/instruction';
import { psmash } from '../instructions/psmash';
import { pvalidate } from '../instructions/pvalidate';
import { rmpadjust } from '../instructions/rmpadjust';
import { rmpquery } from '../instructions/rmpquery';
import { rmpupdate } from '../instructions/rmpupdate';
import { entryIn } from '../pageState';
import { packRecord, type RmpRecord } from '../record';
import { regionEntries, writeEntry } from '../table';
import { bare } from './bare';
import { alice, XEN } from './contexts';

/** The smallest situations that each check of the RMP refuses, as tables: what is tried, and how it ends. */

const REGION = 2 ** 21;
const PAGE = REGION + 5 * PAGE_SIZE;
const GVA = 0x7f0000004000;
const TABLE = 8 * 2 ** 20;
const NOWHERE = 2 ** 40;

const GIVEN: RmpRecord = {
  gpa: 0x4000,
  assigned: true,
  large: false,
  regionAssigned: false,
  immutable: false,
  asid: 3,
};
const GIVEN_LARGE = { ...GIVEN, large: true, gpa: 4 * REGION };
const NOBODY = { ...GIVEN, assigned: false, asid: 0, gpa: 0 };

const SMALL: Mapping = { gpa: 0x4000, spa: PAGE, large: false };
const BIG: Mapping = { gpa: 4 * REGION, spa: REGION, large: true };
const fresh = entryIn('Guest-Invalid', { asid: 3, gpa: 0x4000, permissions: 0x1f });
const valid: RmpEntry = { ...fresh, validated: true };
const large: RmpEntry = { ...fresh, large: true, gpa: BIG.gpa };

/** Something that is refused. */
export interface Refusal {
  readonly of: 'RMPUPDATE' | 'PSMASH' | 'PVALIDATE' | 'RMPADJUST' | 'RMPQUERY' | 'access';
  readonly name: string;
  /** A code, the name of a fault, or the check that stops an access. */
  readonly expected: string;
  /** Tries it: how it ends, and whether the table has changed. */
  readonly tried: () => { readonly end: string; readonly changed: boolean };
}

/** The code, or the name of the fault. */
const endOf = (outcome: Outcome<Ended>): string => (outcome.ok ? outcome.value.code : outcome.fault.name);

function refusal(
  of: Refusal['of'],
  name: string,
  before: (p: Platform) => unknown,
  act: (p: Platform) => Outcome<Ended>,
  expected: string,
): Refusal {
  const tried = () => {
    const p = bare();
    before(p);
    const entries = () => JSON.stringify(regionEntries(p, REGION));
    const start = entries();
    return { end: endOf(act(p)), changed: entries() !== start };
  };
  return { of, name, expected, tried };
}

const nothing = (): void => {};
const snpOff = (p: Platform): void => p.trace.set('syscfg', 0, null);
const update = (p: Platform, spa: number, record: RmpRecord, context = XEN): Outcome<Ended> =>
  rmpupdate(p, { spa, state: packRecord(record) }, context);
const hold = (p: Platform, vmcb: number, vmsa: number): void => {
  p.trace.set('domain', 1, { vmcbs: [vmcb] } as never);
  p.trace.set('core', 1, { domain: 1, vcpu: 0, es: true, vmsa } as never);
};
const put = (spa: number, entry: RmpEntry) => (p: Platform) => writeEntry(p, spa, entry);
const has = (spa: number, record: RmpRecord) => (p: Platform) => update(p, spa, record);

const UPDATES: readonly [string, (p: Platform) => unknown, number, RmpRecord, HostContext, string][] = [
  ['SNP is not enabled', snpOff, PAGE, GIVEN, XEN, '#UD'],
  ['32-bit mode', nothing, PAGE, GIVEN, { ...XEN, longMode: false }, '#UD'],
  ['CPL 3', nothing, PAGE, GIVEN, { ...XEN, cpl: 3 }, '#GP'],
  ['a guest', nothing, PAGE, GIVEN, { ...XEN, asid: 3 }, 'FAIL_PERMISSION'],
  ['2 MiB from the middle', nothing, PAGE, GIVEN_LARGE, XEN, 'FAIL_INPUT'],
  ['a page beyond the table', nothing, NOWHERE, GIVEN, XEN, 'FAIL_INPUT'],
  ['an ASID that does not fit', nothing, PAGE, { ...GIVEN, asid: 1024 }, XEN, 'FAIL_INPUT'],
  ['a GPA that does not fit', nothing, PAGE, { ...GIVEN, gpa: 2 ** 51 }, XEN, 'FAIL_INPUT'],
  ['a crooked GPA', nothing, PAGE, { ...GIVEN, gpa: 0x4008 }, XEN, 'FAIL_INPUT'],
  ['2 MiB at a GPA between', nothing, REGION, { ...GIVEN_LARGE, gpa: 0x4000 }, XEN, 'FAIL_INPUT'],
  ['nobody’s, immutable', nothing, PAGE, { ...NOBODY, immutable: true }, XEN, 'FAIL_INPUT'],
  ['nobody’s, with an ASID', nothing, PAGE, { ...NOBODY, asid: 3 }, XEN, 'FAIL_INPUT'],
  ['the firmware’s', put(PAGE, entryIn('Firmware')), PAGE, GIVEN, XEN, 'FAIL_PERMISSION'],
  ['HV-fixed', put(PAGE, entryIn('HV-fixed')), REGION, GIVEN_LARGE, XEN, 'FAIL_PERMISSION'],
  ['a page of the table itself', nothing, TABLE, GIVEN, XEN, 'FAIL_PERMISSION'],
  ['the VMCB of a vCPU that runs', (p) => hold(p, PAGE, 0), PAGE, GIVEN, XEN, 'FAIL_INUSE'],
  ['its VMSA', (p) => hold(p, 0, PAGE), PAGE, GIVEN, XEN, 'FAIL_INUSE'],
  ['2 MiB that hold it', (p) => hold(p, 0, PAGE), REGION, GIVEN_LARGE, XEN, 'FAIL_INUSE'],
  ['4 KiB in 2 MiB', has(REGION, GIVEN_LARGE), PAGE, GIVEN, XEN, 'FAIL_OVERLAP'],
  ['the first 4 KiB of 2 MiB', has(REGION, GIVEN_LARGE), REGION, NOBODY, XEN, 'FAIL_OVERLAP'],
  ['2 MiB over 4 KiB', has(PAGE, GIVEN), REGION, GIVEN_LARGE, XEN, 'FAIL_OVERLAP'],
  ['2 MiB over their first 4 KiB', has(REGION, GIVEN), REGION, GIVEN_LARGE, XEN, 'FAIL_OVERLAP'],
];

const SMASHES: readonly [string, (p: Platform) => unknown, number, HostContext, string][] = [
  ['SNP is not enabled', snpOff, REGION, XEN, '#UD'],
  ['CPL 3', has(REGION, GIVEN_LARGE), REGION, { ...XEN, cpl: 3 }, '#GP'],
  ['a guest', has(REGION, GIVEN_LARGE), REGION, { ...XEN, asid: 3 }, 'FAIL_PERMISSION'],
  ['a page in the middle', has(REGION, GIVEN_LARGE), PAGE, XEN, 'FAIL_INPUT'],
  ['beyond the table', nothing, NOWHERE, XEN, 'FAIL_INPUT'],
  ['nobody’s', nothing, REGION, XEN, 'FAIL_BADADDR'],
  ['4 KiB', has(REGION, GIVEN), REGION, XEN, 'FAIL_BADADDR'],
  ['immutable', has(REGION, { ...GIVEN_LARGE, immutable: true }), REGION, XEN, 'FAIL_BADADDR'],
  [
    'in use',
    (p) => {
      update(p, REGION, GIVEN_LARGE);
      hold(p, 0, PAGE);
    },
    REGION,
    XEN,
    'FAIL_INUSE',
  ],
];

const walkRefused = (name: string): Partial<GuestContext> => ({
  translate: () => refuse({ id: 'x', says: 'X.', source: 'x', standing: 'modelled' }, name, 'X.', {}, 'X.'),
});
const by = (fields: Partial<GuestContext> = {}, to: Mapping = SMALL): GuestContext => alice(to, fields);

const VALIDATIONS: readonly [string, RmpEntry, GuestContext, { large?: true }, string][] = [
  ['not SNP-active', fresh, by({ snpActive: false }), {}, '#UD'],
  ['32-bit mode', fresh, by({ longMode: false }), {}, '#UD'],
  ['CPL 3', fresh, by({ cpl: 3 }), {}, '#GP'],
  ['VMPL1', fresh, by({ vmpl: 1 }), {}, '#GP'],
  ['2 MiB at a crooked address', fresh, by({}, BIG), { large: true }, 'FAIL_INPUT'],
  ['no guest mapping', fresh, by(walkRefused('#PF')), {}, '#PF'],
  ['a guest table that it has not accepted', fresh, by(walkRefused('#VC')), {}, '#VC'],
  ['no nested mapping', fresh, by(walkRefused('#NPF')), {}, '#NPF'],
  ['not assigned', rmpEntry({}), by(), {}, '#NPF'],
  ['beyond the table', fresh, by({}, { ...SMALL, spa: NOWHERE }), {}, '#NPF'],
  ['another guest’s', { ...fresh, asid: 4 }, by(), {}, '#NPF'],
  ['another GPA', fresh, by({}, { ...SMALL, gpa: 0x5000 }), {}, '#NPF'],
  ['immutable', { ...fresh, immutable: true }, by(), {}, '#NPF'],
  ['4 KiB through a nested mapping of 2 MiB', fresh, by({}, { ...SMALL, large: true }), {}, '#NPF'],
];

type Adjust = Parameters<typeof rmpadjust>[1];
const ADJUSTMENTS: readonly [string, RmpEntry, GuestContext, Partial<Adjust>, string][] = [
  ['not SNP-active', valid, by({ snpActive: false }), {}, '#UD'],
  ['CPL 3', valid, by({ cpl: 3 }), {}, '#GP'],
  ['2 MiB at a crooked address', valid, by({}, BIG), { large: true }, 'FAIL_INPUT'],
  ['a VMPL that there is not', valid, by(), { target: 4 }, 'FAIL_INPUT'],
  ['itself', valid, by(), { target: 0 }, 'FAIL_PERMISSION'],
  ['one above', valid, by({ vmpl: 2 }), { target: 1 }, 'FAIL_PERMISSION'],
  ['no guest mapping', valid, by(walkRefused('#PF')), {}, '#PF'],
  ['no nested mapping', valid, by(walkRefused('#NPF')), {}, '#NPF'],
  ['another guest’s', { ...valid, asid: 4 }, by(), {}, '#NPF'],
  ['not accepted', fresh, by(), {}, '#VC'],
  ['4 KiB of 2 MiB', valid, by({}, { ...SMALL, large: true }), {}, '#NPF'],
  ['more than it has', valid, by({ vmpl: 1 }), { target: 2 }, 'FAIL_PERMISSION'],
  ['more than there is', valid, by(), { permissions: 0x20 }, 'FAIL_PERMISSION'],
];

const QUERIES: readonly [string, RmpEntry, GuestContext, number, string][] = [
  ['a VMPL above', valid, by({ vmpl: 1 }), 0, 'FAIL_PERMISSION'],
  ['a VMPL that there is not', valid, by(), 7, 'FAIL_PERMISSION'],
  ['CPL 3', valid, by({ cpl: 3 }), 1, '#GP'],
  ['not SNP-active', valid, by({ snpActive: false }), 1, '#UD'],
  ['no guest mapping', valid, by(walkRefused('#PF')), 1, '#PF'],
  ['no nested mapping', valid, by(walkRefused('#NPF')), 1, '#NPF'],
  ['another GPA', valid, by({}, { ...SMALL, gpa: 0x5000 }), 1, '#NPF'],
  ['not accepted', fresh, by(), 1, '#VC'],
];

const ADJUST: Adjust = { gva: GVA, large: false, target: 1, permissions: 0b11, vmsa: false };

/** What a whole page of 2 MiB is asked for, which is made of small ones. */
const WHOLE = { gva: 0, large: true, validated: true } as const;
const PIECES: RmpEntry = { ...valid, gpa: BIG.gpa };

const ACCESSES: readonly [string, RmpEntry | null, Partial<RmpAccess>, string][] = [
  ['another processor uses the entry', valid, { busy: true }, 'Not in use'],
  ['no entry', null, {}, 'RMP-Covered'],
  ['nobody’s', rmpEntry({}), {}, 'Guest-Owned'],
  ['another guest’s', { ...valid, asid: 4 }, {}, 'Guest-Owned'],
  ['the firmware’s', entryIn('Firmware'), {}, 'Guest-Owned'],
  ['another GPA', valid, { gpa: 0x5000 }, 'Reverse-Map'],
  ['immutable', { ...valid, immutable: true }, {}, 'Mutable'],
  ['2 MiB mapped as 4 KiB', { ...valid, large: true, gpa: 0 }, {}, 'Page-Size'],
  ['4 KiB mapped as 2 MiB', valid, { large: true }, 'Page-Size'],
  ['not accepted', fresh, {}, 'Validated'],
  ['not for this VMPL', valid, { vmpl: 1 }, 'VMPL'],
  ['the host writes a guest’s', valid, { actor: 'host', kind: 'write' }, 'Hypervisor-Owned'],
];

const ACCESS: RmpAccess = {
  actor: 'snp-guest',
  kind: 'read',
  c: true,
  asid: 3,
  vmpl: 0,
  user: false,
  gpa: 0x4000,
  large: false,
};

export const REFUSALS: readonly Refusal[] = [
  ...UPDATES.map(([name, before, spa, record, context, expected]) =>
    refusal('RMPUPDATE', name, before, (p) => update(p, spa, record, context), expected),
  ),
  ...SMASHES.map(([name, before, spa, context, expected]) =>
    refusal('PSMASH', name, before, (p) => psmash(p, { spa }, context), expected),
  ),
  ...VALIDATIONS.map(([name, entry, context, operands, expected]) =>
    refusal(
      'PVALIDATE',
      name,
      put(PAGE, entry),
      (p) => pvalidate(p, { gva: GVA, large: false, validated: true, ...operands }, context),
      expected,
    ),
  ),
  refusal(
    'PVALIDATE',
    '2 MiB of pieces',
    put(REGION, PIECES),
    (p) => pvalidate(p, WHOLE, by({}, BIG)),
    'FAIL_SIZEMISMATCH',
  ),
  refusal(
    'PVALIDATE',
    '2 MiB through small mappings',
    put(REGION, large),
    (p) => pvalidate(p, WHOLE, by({}, { ...BIG, large: false })),
    'FAIL_SIZEMISMATCH',
  ),
  ...ADJUSTMENTS.map(([name, entry, context, operands, expected]) =>
    refusal(
      'RMPADJUST',
      name,
      put(PAGE, entry),
      (p) => rmpadjust(p, { ...ADJUST, ...operands }, context),
      expected,
    ),
  ),
  refusal(
    'RMPADJUST',
    '2 MiB of pieces',
    put(REGION, PIECES),
    (p) => rmpadjust(p, { ...ADJUST, ...WHOLE }, by({}, BIG)),
    'FAIL_SIZEMISMATCH',
  ),
  ...QUERIES.map(([name, entry, context, target, expected]) =>
    refusal('RMPQUERY', name, put(PAGE, entry), (p) => rmpquery(p, { gva: GVA, target }, context), expected),
  ),
  refusal(
    'RMPQUERY',
    'on Milan',
    (p) =>
      p.trace.set('cpuid', 0, {
        ...p.state.need('cpuid'),
        fn8000001f: { eax: 0x1f, ebx: 0x4000, ecx: 0, edx: 0 },
      }),
    (p) => rmpquery(p, { gva: GVA, target: 1 }, by()),
    '#UD',
  ),
  ...ACCESSES.map(
    ([name, entry, fields, expected]): Refusal => ({
      of: 'access',
      name,
      expected,
      tried: () => ({
        end: rmpCheck(entry, { ...ACCESS, ...fields })?.check.name ?? 'allowed',
        changed: false,
      }),
    }),
  ),
];
