import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../engine/core/address';
import { rmpEntry } from '../../engine/rmp/entry';
import type { HostContext } from '../../engine/rmp/instructions/host';
import { psmash } from '../../engine/rmp/instructions/psmash';
import { pvalidate } from '../../engine/rmp/instructions/pvalidate';
import { rmpadjust } from '../../engine/rmp/instructions/rmpadjust';
import { rmpupdate } from '../../engine/rmp/instructions/rmpupdate';
import { packRecord, type RmpRecord } from '../../engine/rmp/record';
import { writeEntry } from '../../engine/rmp/table';
import {
  ASID,
  asGuest,
  GPA,
  type GuestTry,
  lost,
  occupy,
  owned,
  PAGE,
  REGION,
  type Try,
  XEN,
} from './snp-runs';

/** For each `when` of a file the tries that are so, by the instruction’s name. */
export type Tries = Readonly<Record<string, readonly Try[]>>;

const FAR = 2 ** 40;
const LARGE = owned({ large: true });

const validate =
  (from: GuestTry, operands: { gva?: number; large?: boolean; validated?: boolean } = {}): Try =>
  (p) =>
    pvalidate(p, { gva: 0, large: false, validated: true, ...operands }, asGuest(p, from));

/** A page that is another’s in one respect each. */
const FOREIGN: readonly GuestTry[] = [
  { spa: FAR },
  { entry: owned({ asid: ASID + 1 }) },
  { entry: owned({ gpa: GPA + PAGE_SIZE }) },
  { entry: owned({ immutable: true }) },
];

const MODES: readonly GuestTry[] = [{ context: { snpActive: false } }, { context: { longMode: false } }];

const PVALIDATE: Tries = {
  'not SNP-active or not 64-bit': MODES.map((from) => validate(from)),
  'CPL != 0': [validate({ context: { cpl: 3 } })],
  'VMPL != 0': [validate({ context: { vmpl: 1 } })],
  'size=2M and GVA[20:12] != 0': [validate({ entry: LARGE }, { gva: PAGE_SIZE, large: true })],
  'guest walk fails': [validate({ context: lost('#PF') })],
  'nested walk fails': [validate({ context: lost('#NPF') })],
  'not covered / ASID / GPA / immutable': FOREIGN.map((from) => validate(from)),
  'size=4K and RMP 2M': [validate({ entry: LARGE })],
  'size=2M and RMP 4K': [validate({ entry: owned() }, { large: true })],
  'Validated == EDX[0]': [
    validate({ entry: owned() }),
    validate({ entry: owned({ validated: false }) }, { validated: false }),
  ],
  otherwise: [
    validate({ entry: owned({ validated: false }) }),
    validate({ entry: owned() }, { validated: false }),
  ],
};

const adjust =
  (from: GuestTry, operands: { gva?: number; large?: boolean; target?: number } = {}): Try =>
  (p) =>
    rmpadjust(
      p,
      { gva: 0, large: false, target: 1, permissions: 3, vmsa: false, ...operands },
      asGuest(p, from),
    );

/** VMPL1 may read, and grants more. */
const LIMITED: GuestTry = { entry: owned({ permissions: 0x11f }), context: { vmpl: 1 } };

const RMPADJUST: Tries = {
  'not SNP-active or not 64-bit': MODES.map((from) => adjust(from)),
  'CPL != 0': [adjust({ context: { cpl: 3 } })],
  'size=2M and GVA[20:12] != 0': [adjust({ entry: LARGE }, { gva: PAGE_SIZE, large: true })],
  'target VMPL >= number of VMPLs': [adjust({ entry: owned() }, { target: 4 })],
  'target VMPL <= current VMPL': [
    adjust({ entry: owned() }, { target: 0 }),
    adjust({ entry: owned(), context: { vmpl: 2 } }),
  ],
  'walk fails': [adjust({ context: lost('#PF') }), adjust({ context: lost('#NPF') })],
  'not covered / ASID / GPA / immutable': FOREIGN.map((from) => adjust(from)),
  'size=4K and RMP 2M': [adjust({ entry: LARGE })],
  'Validated = 0': [adjust({ entry: owned({ validated: false }) })],
  'size=2M and RMP 4K': [adjust({ entry: owned() }, { large: true })],
  'mask not a subset of current VMPL mask': [adjust(LIMITED, { target: 2 })],
  otherwise: [adjust({ entry: owned() })],
};

const RECORD: RmpRecord = {
  gpa: GPA,
  assigned: true,
  large: false,
  regionAssigned: false,
  immutable: false,
  asid: ASID,
};

export interface HostTry {
  readonly wanted?: Partial<RmpRecord>;
  readonly state?: Uint8Array;
  readonly spa?: number;
  readonly context?: Partial<HostContext>;
  readonly before?: (p: Parameters<Try>[0]) => void;
}

export const update =
  ({ wanted = {}, state, spa = PAGE, context = {}, before }: HostTry = {}): Try =>
  (p) => {
    before?.(p);
    return rmpupdate(
      p,
      { spa, state: state ?? packRecord({ ...RECORD, ...wanted }) },
      { ...XEN, ...context },
    );
  };

export const smash =
  ({ spa = REGION, context = {}, before }: HostTry = {}): Try =>
  (p) => {
    before?.(p);
    return psmash(p, { spa }, { ...XEN, ...context });
  };

const has =
  (spa: number, entry = owned()) =>
  (p: Parameters<Try>[0]): void =>
    writeEntry(p, spa, entry);
const disabled = (p: Parameters<Try>[0]): void => p.trace.set('syscfg', 0, { snpEn: false });

const HOST_MODES: readonly HostTry[] = [{ before: disabled }, { context: { longMode: false } }];

const RMPUPDATE: Tries = {
  'SNP not enabled or not 64-bit': HOST_MODES.map(update),
  'CPL != 0': [update({ context: { cpl: 3 } })],
  'current ASID != 0': [update({ context: { asid: ASID } })],
  'size=2M and SPA[20:12] != 0': [update({ wanted: { large: true } })],
  'SPA not covered or reserved bits set': [
    update({ spa: FAR }),
    update({ state: packRecord(RECORD).fill(1, 11, 12) }),
    update({ wanted: { asid: 1024 } }),
  ],
  'new assigned=0 with immutable=1 or ASID != 0': [
    update({ wanted: { assigned: false, asid: 0, immutable: true } }),
    update({ wanted: { assigned: false } }),
  ],
  'old immutable=1': [update({ before: has(PAGE, owned({ immutable: true })) })],
  'entry in use': [update({ before: (p) => occupy(p, PAGE) })],
  '4K inside assigned 2M entry, or 2M over assigned 4K': [
    update({ before: has(REGION, LARGE) }),
    update({ spa: REGION, wanted: { large: true }, before: has(PAGE) }),
  ],
  'assigned, ASID, GPA, size all unchanged': [
    update({ before: has(PAGE) }),
    update({ wanted: { immutable: true }, before: has(PAGE) }),
  ],
  otherwise: [
    update(),
    update({ before: has(PAGE, owned({ gpa: GPA + LARGE_PAGE_SIZE })) }),
    update({ before: has(PAGE), wanted: { assigned: false, asid: 0 } }),
  ],
};

const PSMASH: Tries = {
  'SNP not enabled or not 64-bit': HOST_MODES.map(smash),
  'CPL != 0': [smash({ context: { cpl: 3 } })],
  'current ASID != 0': [smash({ context: { asid: ASID } })],
  'SPA not 2M aligned or not covered': [smash({ spa: PAGE }), smash({ spa: FAR })],
  'not an assigned mutable 2M entry': [
    smash(),
    smash({ before: has(REGION) }),
    smash({ before: has(REGION, rmpEntry({ ...LARGE, immutable: true })) }),
  ],
  'entry in use': [
    smash({
      before: (p) => {
        writeEntry(p, REGION, LARGE);
        occupy(p, PAGE);
      },
    }),
  ],
  otherwise: [smash({ before: has(REGION, LARGE) })],
};

export const TRIES: Readonly<Record<string, Tries>> = { PVALIDATE, RMPADJUST, RMPUPDATE, PSMASH };
