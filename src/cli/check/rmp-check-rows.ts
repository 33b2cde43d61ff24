import { z } from 'zod';
import { PAGE_FAULT_BITS } from '../../engine/memory/faultBits';
import type { RmpAccess } from '../../engine/rmp/access';
import { type RmpStep, rmpCheck } from '../../engine/rmp/check';
import { type RmpEntry, rmpEntry } from '../../engine/rmp/entry';
import { rmpFault } from '../../engine/rmp/faults';
import { pageState } from '../../engine/rmp/pageState';
import { ALL_PERMISSIONS, EXECUTE_SUPERVISOR } from '../../engine/rmp/permissions';
import { STRUCTURES, type Structure, structureCheck } from '../../engine/rmp/structures';
import type { CaseResult, Compare } from './result';
import { runTable, sentence } from './tables';

const flag = z.literal([0, 1]);
const size = z.string().regex(/^(4K|2M|1G)( or (2M|1G))?$/);

const state = z.strictObject({
  covered: z.literal(false).optional(),
  assigned: flag.optional(),
  asid: z.union([z.enum(['self', 'other']), z.literal(0)]).optional(),
  immutable: flag.optional(),
  gpaMatch: z.boolean().optional(),
  sizeMatch: z.boolean().optional(),
  validated: flag.optional(),
  vmplAllows: z.boolean().optional(),
  vmsa: flag.optional(),
  pageSize: size.optional(),
  nptSize: size.optional(),
  hvFixed: z.literal(true).optional(),
  target2MRegion: z.literal('any 4K entry assigned').optional(),
  inUse: z.literal(true).optional(),
});
type State = z.infer<typeof state>;

const row = z.object({
  actor: sentence,
  access: sentence,
  rmpState: state,
  outcome: sentence,
  failed: sentence.optional(),
  errorBits: z.array(sentence).optional(),
});
type Row = z.infer<typeof row>;

const SELF = 3;
const OTHER = 4;
const GPA = 0x40000000;

function entryOf(s: State): RmpEntry | null {
  if (s.covered === false) return null;
  return rmpEntry({
    assigned: s.assigned === 1,
    large: s.pageSize === '2M',
    immutable: s.immutable === 1,
    subPageCount: s.target2MRegion ? 1 : 0,
    gpa: s.gpaMatch === false ? 2 * GPA : GPA,
    asid: s.asid === 'self' ? SELF : s.asid === 'other' ? OTHER : 0,
    vmsa: s.vmsa === 1,
    validated: s.validated === 1,
    permissions: s.vmplAllows === false ? 0 : ALL_PERMISSIONS,
  });
}

/** Who reaches for a page, and how: the actor’s name, and the words of the access. */
const ACCESSES: Readonly<Record<string, readonly Partial<RmpAccess>[]>> = {
  'host: write': [{ actor: 'host', kind: 'write' }],
  'host: read': [{ actor: 'host', kind: 'read' }],
  'host: write via 2M or 1G mapping': [{ actor: 'host', kind: 'write', large: true }],
  'legacy or SEV/SEV-ES guest: write': [{ actor: 'guest', kind: 'write' }],
  'legacy or SEV/SEV-ES guest: read': [{ actor: 'guest', kind: 'read' }],
  'SNP guest: read/write C=1': [
    { actor: 'snp-guest', kind: 'read', c: true },
    { actor: 'snp-guest', kind: 'write', c: true },
  ],
  'SNP guest: instruction fetch (any C)': [
    { actor: 'snp-guest', kind: 'fetch', c: true },
    { actor: 'snp-guest', kind: 'fetch', c: false },
  ],
  'SNP guest: page-table walk / A-D update': [
    { actor: 'snp-guest', kind: 'walk', c: true },
    { actor: 'snp-guest', kind: 'update', c: true },
  ],
  'SNP guest: write C=0': [{ actor: 'snp-guest', kind: 'write' }],
  'SNP guest: read C=0': [{ actor: 'snp-guest', kind: 'read' }],
  'VMSAVE (virtualised, in guest): target page': [{ actor: 'guest', kind: 'write' }],
  'any: access whose RMP entry is in use by another logical processor': [
    { actor: 'host', kind: 'write' },
    { actor: 'guest', kind: 'write' },
    { actor: 'snp-guest', kind: 'write' },
  ],
};

/** The pages that hardware uses for itself, by the same names. */
const USES: Readonly<Record<string, Structure>> = {
  'VMRUN: VMCB page': 'VMCB',
  'VMRUN: AVIC backing page': 'AVIC backing page',
  'VMRUN: VMSA of non-SNP guest': 'VMSA',
  'VMRUN: VMSA of SNP guest': 'SNP VMSA',
  'WRMSR VM_HSAVE_PA: host save page': 'VM_HSAVE_PA',
  'VMSAVE (host): target page': 'VMSAVE',
};

const accessOf = (s: State, fields: Partial<RmpAccess>): RmpAccess => ({
  actor: 'host',
  kind: 'write',
  c: false,
  asid: SELF,
  vmpl: 0,
  user: false,
  gpa: GPA,
  large: s.nptSize === undefined ? (s.sizeMatch === false) !== (s.pageSize === '2M') : s.nptSize !== '4K',
  busy: s.inUse === true,
  ...fields,
});

const TARGET = { virtual: 0x7000, spa: 0x9000 };

function inWords(step: RmpStep | null, entry: RmpEntry | null, by: RmpAccess): string {
  if (!step) return 'allow';
  if (step.raises === '#NPF') return `#NPF(${step.bits.join()})`;
  const { errorCode } = rmpFault(step, entry, by, TARGET).inputs;
  return step.raises === '#VC' ? `#VC(0x${Number(errorCode).toString(16)})` : `#PF(${step.bits.join()})`;
}

/** An outcome without what it says in words: `allow (ciphertext)`, `… , retry`. */
const bare = (outcome: string): string => outcome.replace(/( \(| if |, retry$).*$/, '');

function compareUse(use: Structure, { rmpState, outcome }: Row, compare: Compare): void {
  const failed = structureCheck(use, entryOf(rmpState), SELF);
  const raised = STRUCTURES[use].raises === '#GP' ? '#GP(0)' : '#VMEXIT(INVALID)';
  compare('outcome', outcome, failed ? raised : 'enter guest');
}

/** `RMP31` names a bit and where it is. */
function codeOf(names: readonly string[]): number {
  return names.reduce((sum, text) => {
    const [, name = '', at] = /^([A-Z]+)(\d*)$/.exec(text) ?? [];
    const bit = PAGE_FAULT_BITS[name as keyof typeof PAGE_FAULT_BITS];
    if (bit === undefined || (at && Number(at) !== bit)) throw new Error(`bit "${text}" is not known here`);
    return sum + 2 ** bit;
  }, 0);
}

function compareAccess(accesses: readonly RmpAccess[], given: Row, compare: Compare): void {
  const { rmpState, outcome, failed, errorBits } = given;
  const entry = entryOf(rmpState);
  const steps = accesses.map((by) => rmpCheck(entry, by));
  const ends = accesses.map((by, i) => inWords(steps[i] ?? null, entry, by));
  compare('outcome', bare(outcome), [...new Set(ends)].join(' or '));
  for (const step of steps) {
    if (failed !== undefined) compare('failed', failed, step?.check.name ?? 'none');
    const code =
      step && errorBits && rmpFault(step, entry, accesses[0] as RmpAccess, TARGET).inputs.errorCode;
    if (errorBits) compare('error code', String(codeOf(errorBits)), String(code));
  }
  if (rmpState.hvFixed) compare('state', 'HV-fixed', pageState(entry));
  if (!/ if VMPL grants execute/.test(outcome) || !entry) return;
  const less = { ...entry, permissions: ALL_PERMISSIONS & ~EXECUTE_SUPERVISOR };
  for (const by of accesses)
    compare('without the permission', 'VMPL', rmpCheck(less, by)?.check.name ?? 'none');
}

function compareRow(given: Row, compare: Compare): void {
  const name = `${given.actor}: ${given.access}`;
  const use = USES[name];
  const accesses = ACCESSES[name];
  if (use) compareUse(use, given, compare);
  else if (accesses)
    compareAccess(
      accesses.map((fields) => accessOf(given.rmpState, fields)),
      given,
      compare,
    );
  else throw new Error(`"${name}" is not known here`);
}

/** Accesses, entries and what comes of them, in the format of `rmp.checkRows` of `cpu.json`. */
export const runCheckRows = (rows: unknown): CaseResult[] => runTable('rmp.checkRows', rows, row, compareRow);
