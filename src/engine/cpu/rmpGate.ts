import { LARGE_PAGE_SIZE } from '../core/address';
import type { CoreCell } from '../core/cells';
import type { RmpVerdict, TlbEntry } from '../core/change';
import type { Fault } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import type { RmpAccess, RmpActor } from '../rmp/access';
import { type RmpStep, rmpCheckOn, rowOf } from '../rmp/check';
import { rmpChecker } from '../rmp/checker';
import { entryFor } from '../rmp/consult';
import type { RmpEntry } from '../rmp/entry';
import { rmpFault } from '../rmp/faults';

/**
 * Where the RMP lies on the way of an access: behind the walks, which win (APM vol. 2 §15.36.10). Asked only while SNP is
 * enabled.
 */
export interface Asked {
  readonly access: RmpAccess;
  readonly spa: number;
  /** The entry that was looked at; null: none, or a TLB entry has answered. */
  readonly entry: RmpEntry | null;
  /** The check that refused, or null. */
  readonly step: RmpStep | null;
  readonly from: 'RMP' | 'TLB';
}

/** Where a walk has arrived, as far as the table is concerned. */
interface Target {
  readonly spa: number;
  readonly gpa: number | null;
  /** C-bit of the first leaf. */
  readonly c: boolean;
  /** The nested mapping, or the host’s, is of 2 MiB or more. */
  readonly large: boolean;
}

const actorOf = ({ domain, snp }: CoreCell): RmpActor =>
  domain === null ? 'host' : snp ? 'snp-guest' : 'guest';

/** Without nested paging a guest’s address is none of a guest; what an exit tells then is the system’s (modelled). */
const accessOf = (core: CoreCell, kind: RmpAccess['kind'], { spa, gpa, c, large }: Target): RmpAccess => ({
  actor: actorOf(core),
  kind,
  c: c || kind === 'fetch',
  asid: core.asid,
  vmpl: core.vmpl,
  user: false,
  gpa: gpa ?? (core.domain === null ? 0 : spa),
  large,
});

function askRmp(p: Platform, spa: number, access: RmpAccess): Asked {
  const entry = entryFor(p, spa, access);
  return { access, spa, entry, step: rmpCheckOn(p.config, entry, access), from: 'RMP' };
}

/** Asks about an access that has been translated. */
export const askFor = (p: Platform, core: CoreCell, op: 'read' | 'write' | 'fetch', target: Target): Asked =>
  askRmp(p, target.spa, accessOf(core, op, target));

/** Asks about a transfer of a device, which no core makes. */
export const askForDevice = (p: Platform, kind: 'read' | 'write', { spa, gpa, large }: Target): Asked =>
  askRmp(p, spa, { actor: 'device', kind, c: false, asid: 0, vmpl: 0, user: false, gpa: gpa ?? 0, large });

/**
 * Asks about an entry of a page table. A guest without SNP counts as setting its bits, which looks at its own 4 KiB; an SNP
 * guest’s tables must fit their nested mapping (modelled, cpu-and-rmp.md E.3).
 */
export function askForTable(
  p: Platform,
  core: CoreCell,
  table: { readonly spa: number; readonly gpa: number | null; readonly large: boolean },
): Asked {
  const kind = core.domain !== null && !core.snp ? 'update' : 'walk';
  return askRmp(p, table.spa, accessOf(core, kind, { ...table, c: true }));
}

/** What the refusal of a check raises. */
export const refusalOfRmp = ({ step, entry, access, spa }: Asked, virtual: number): Fault | null =>
  step ? rmpFault(step, entry, access, { virtual, spa }) : null;

const BITS = { read: 1, write: 2, fetch: 4 } as const;
const OPS = ['read', 'write', 'fetch'] as const;

/** What a TLB entry for an address keeps of the checks. */
export function verdictOn(p: Platform, core: CoreCell, target: Target): RmpVerdict {
  const check = rmpChecker(p);
  let allows = 0;
  for (const op of OPS) if (check(target.spa, accessOf(core, op, target)) === null) allows |= BITS[op];
  return { vmpl: core.vmpl, allows, large: target.large };
}

/** Does a TLB entry still answer for an access? One without a verdict was made before SNP was enabled (modelled: it does not). */
export const answers = ({ vmpl }: CoreCell, { rmp }: TlbEntry, op: keyof typeof BITS): boolean =>
  rmp !== undefined && rmp.vmpl === vmpl && (rmp.allows & BITS[op]) !== 0;

/** An access that a TLB entry answers: nobody looks at the table. */
export const askedOfTlb = (core: CoreCell, op: keyof typeof BITS, target: Target): Asked => ({
  access: accessOf(core, op, target),
  spa: target.spa,
  entry: null,
  step: null,
  from: 'TLB',
});

const fieldsOf = ({
  assigned,
  large,
  immutable,
  subPageCount,
  gpa,
  asid,
  vmsa,
  validated,
  permissions,
}: RmpEntry): JsonObject => ({
  assigned,
  large,
  immutable,
  subPageCount,
  gpa,
  asid,
  vmsa,
  validated,
  permissions,
});

/** The question and its answer for the record: enough to show the whole ladder of checks again. */
export function recordAsked(p: Platform, { access, spa, entry, step, from }: Asked): void {
  const row = rowOf(access);
  const { actor, kind, c, asid, vmpl, gpa, large } = access;
  p.trace.fact(
    'rmp',
    {
      row: row.id,
      spa,
      access: { actor, kind, c, asid, vmpl, gpa, large },
      entry: entry && fieldsOf(entry),
      from: row.entry === 'none' ? 'nothing' : from,
      decided: step?.check.name ?? 'allowed',
    },
    step?.check.rule ?? row.rule,
  );
}

/** Size of what one TLB entry covers: a page of 1 GiB is checked, and so kept, as one of 2 MiB (APM vol. 2 §15.36.10). */
export const keptSize = (size: number): number => Math.min(size, LARGE_PAGE_SIZE);
