import { z } from 'zod';
import { EXIT, VECTORS } from '../../engine/cpu/exits';
import { NESTED_FAULT_BITS, PAGE_FAULT_BITS } from '../../engine/memory/faultBits';
import type { RmpAccess } from '../../engine/rmp/access';
import { RMP_ROWS, type RmpRow, type RmpStep, rowOf } from '../../engine/rmp/check';
import { notBusy } from '../../engine/rmp/checks';
import { rmpFault } from '../../engine/rmp/faults';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runCase } from './result';
import { runCheckRows } from './rmp-check-rows';
import { runTable, sentence } from './tables';

const step = z.object({ check: sentence, fault: sentence });
const ruleFields = z.object({
  id: sentence,
  actor: z.enum(['host', 'guest']),
  snpActive: z.boolean().nullable(),
  access: sentence,
  cBit: z.union([z.literal([0, 1]), z.literal('always 1')]).nullable(),
  checks: z.array(sentence),
  fault: sentence.nullable(),
  outcome: sentence.optional(),
  later: z.array(step).optional(),
});
/** What a file calls `then` is looked at under a name that no promise has. */
const ruleRow = z.preprocess((row) => (isRecord(row) ? { ...row, later: row.then } : row), ruleFields);
type RuleRow = z.infer<typeof ruleRow>;

/** What a rule says of accesses, and which kinds those are. */
const KINDS: Readonly<Record<string, readonly RmpAccess['kind'][]>> = {
  'data read or instruction fetch': ['read', 'fetch'],
  'data write or page-table access (including A/D update)': ['write', 'walk', 'update'],
  'data write or page-table access': ['write', 'walk', 'update'],
  'instruction fetch or page-table access': ['fetch', 'walk', 'update'],
  'data write': ['write'],
  'data read': ['read'],
  'data read or write': ['read', 'write'],
};

const TARGET = { virtual: 0x7000, spa: 0x9000 };
const access = (fields: Partial<RmpAccess>): RmpAccess => ({
  actor: 'host',
  kind: 'write',
  c: false,
  asid: 3,
  vmpl: 0,
  user: false,
  gpa: 0x4000,
  large: false,
  ...fields,
});

/** How a failed check ends, as a rule says it. */
function inWords(
  { raises, bits }: RmpStep,
  fault: { readonly errorCode?: unknown; readonly cr2?: unknown },
): string {
  if (raises === '#PF') return `#PF, error code bit ${PAGE_FAULT_BITS.RMP} (RMP) set`;
  if (raises === '#NPF') return `#VMEXIT(NPF), EXITINFO1.${bits.join('|')}`;
  const cr2 = fault.cr2 === TARGET.virtual ? 'faulting GVA' : fault.cr2;
  return `${raises} error 0x${Number(fault.errorCode).toString(16)}, CR2 = ${cr2}`;
}

const told = (step: RmpStep, by: RmpAccess): string => inWords(step, rmpFault(step, null, by, TARGET).inputs);

function actorOf({ actor, snpActive }: RuleRow): RmpAccess['actor'] {
  if (actor === 'host') return 'host';
  return snpActive ? 'snp-guest' : 'guest';
}

function compareRule(row: RuleRow, compare: Compare): void {
  const kinds = KINDS[row.access];
  const ours: RmpRow | undefined = Object.values(RMP_ROWS).find(({ id }) => id === row.id);
  if (!kinds) throw new Error(`access: "${row.access}" is not known here`);
  if (!ours) throw new Error(`rule ${row.id} is not known here`);
  const cs = row.cBit === 0 || row.cBit === 1 ? [row.cBit === 1] : [false, true];
  for (const kind of kinds)
    for (const c of cs)
      compare(
        `rule of ${kind}, C = ${Number(c)}`,
        row.id,
        rowOf(access({ actor: actorOf(row), kind, c })).id,
      );
  const covered = (['read', 'write', 'fetch', 'walk', 'update'] as const).filter((kind) =>
    cs.some((c) => rowOf(access({ actor: actorOf(row), kind, c })).id === row.id),
  );
  compare('kinds of access', [...kinds].sort().join(), covered.sort().join());
  const steps = ours.steps.filter(({ check }) => check !== notBusy);
  const groups = new Map<string, string[]>();
  for (const each of steps) {
    const end = told(each, access({ actor: actorOf(row) }));
    groups.set(end, [...(groups.get(end) ?? []), each.check.name]);
  }
  const given = [
    ...(row.fault === null ? [] : [{ names: row.checks, fault: row.fault }]),
    ...(row.later ?? []).map(({ check, fault }) => ({ names: [check], fault })),
  ];
  const list = (names: readonly string[], fault: string) => `${names.join(', ')}: ${fault}`;
  compare(
    'checks',
    given.map(({ names, fault }) => list(names, fault)).join('; '),
    [...groups].map(([fault, names]) => list(names, fault)).join('; '),
  );
  if (row.fault === null) compare('checks', String(row.checks.length), '0');
  if (row.outcome !== undefined)
    compare('outcome', row.outcome.split(/[;,]/)[0] ?? '', steps.length === 0 ? 'allowed' : 'checked');
}

const number = z.union([z.number().int(), z.string().regex(/^(?:0x[0-9a-f]+|-?\d+)$/i)]).transform(Number);
const bits = z.array(z.number().int());
const legend = z.strictObject({
  vector: number.optional(),
  errorCode: number.optional(),
  errorBits: bits.optional(),
  exitCode: number.optional(),
  exitInfo1Bits: bits.optional(),
  cr2: sentence.optional(),
});

/** What a name of an outcome stands for: `#NPF(RMP,ENC)` is the exit with these bits. */
function meaningOf(name: string): z.infer<typeof legend> {
  const [, what = '', inside = ''] = /^(#\w+|allow)(?:\(([\w,]*)\))?$/.exec(name) ?? [];
  const names = inside.split(',').filter(Boolean);
  const places = (table: Readonly<Record<string, number>>) => names.map((each) => table[each] ?? Number.NaN);
  switch (what) {
    case 'allow':
      return {};
    case '#PF':
      return { vector: VECTORS.PF, errorBits: places(PAGE_FAULT_BITS) };
    case '#NPF':
      return { exitCode: EXIT.NPF, exitInfo1Bits: places(NESTED_FAULT_BITS) };
    case '#VC':
      return { vector: VECTORS.VC, errorCode: Number(inside), cr2: 'faulting GVA' };
    case '#GP':
      return { vector: VECTORS.GP, errorCode: Number(inside) };
    case '#VMEXIT':
      return { exitCode: EXIT[inside as keyof typeof EXIT] };
    default:
      throw new Error(`outcome "${name}" is not known here`);
  }
}

const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort());

function runLegend(table: unknown): CaseResult[] {
  return Object.entries(isRecord(table) ? table : {}).map(([name, value]) =>
    runCase(`rmp.outcomeLegend ${name}`, (compare) =>
      compare('meaning', sorted(legend.parse(value)), sorted(meaningOf(name))),
    ),
  );
}

/** Which accesses the RMP lets through, in the formats of `rmp.rules`, `checkRows` and `outcomeLegend` of `cpu.json`. */
export const rmpRules = {
  name: 'the checks of the RMP',
  recognises: (json: unknown) =>
    isRecord(json) &&
    isRecord(json.rmp) &&
    (hasEntryWith(json.rmp.rules, 'id', 'checks') ||
      hasEntryWith(json.rmp.checkRows, 'rmpState', 'outcome') ||
      isRecord(json.rmp.outcomeLegend)),
  run: (json: unknown) => {
    const { rmp } = json as { rmp: Record<string, unknown> };
    return [
      ...runTable('rmp.rules', rmp.rules, ruleRow, compareRule),
      ...runCheckRows(rmp.checkRows),
      ...runLegend(rmp.outcomeLegend),
    ];
  },
} satisfies Recogniser;
