import { z } from 'zod';
import { toHex } from '../../engine/core/bytes';
import { assemble } from '../../engine/cpu/isa/assemble';
import { CODES, type RegisterField } from '../../engine/rmp/instructions/instruction';
import { PSMASH } from '../../engine/rmp/instructions/psmash';
import { PVALIDATE } from '../../engine/rmp/instructions/pvalidate';
import { RMPADJUST } from '../../engine/rmp/instructions/rmpadjust';
import { RMPQUERY } from '../../engine/rmp/instructions/rmpquery';
import { RMPREAD } from '../../engine/rmp/instructions/rmpread';
import { RMPUPDATE } from '../../engine/rmp/instructions/rmpupdate';
import { RECORD_BYTES } from '../../engine/rmp/record';
import { canonical } from './canonical';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runCase } from './result';
import { carries, effectsOf } from './snp-effects';
import { tried } from './snp-runs';
import { TRIES, type Tries } from './snp-tries';
import { runTable, sentence } from './tables';

/** As much of an instruction as a file tells of. */
interface Ours {
  readonly opcode: string;
  readonly takes: Readonly<Record<string, RegisterField>>;
  readonly gives: Readonly<Record<string, RegisterField>>;
  readonly checks: readonly { readonly ends: string; readonly rule: { readonly id: string } }[];
}

const OURS: Readonly<Record<string, Ours>> = { PVALIDATE, RMPADJUST, RMPQUERY, RMPUPDATE, PSMASH, RMPREAD };

const registers = z.record(z.string().max(10), sentence);
const row = z.object({
  name: sentence,
  opcode: sentence,
  where: sentence,
  in: registers.optional(),
  out: registers.optional(),
  codes: z.record(z.string().max(2), sentence),
  checks: z.array(z.unknown()).max(100).optional(),
});
type Row = z.infer<typeof row>;

/** Words for operands and results, and what those are called here. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^GVA$/, 'gva'],
  [/^(2M-aligned )?SPA$/, 'spa'],
  [/^page size( 0=4K 1=2M)?$/, 'large'],
  [/^new Validated$/, 'validated'],
  [/^target VMPL$/, 'target'],
  [/^permission mask$/, 'permissions'],
  [/^VMSA( \(ignored unless current VMPL is 0\))?$/, 'vmsa'],
  [new RegExp(`^pointer to ${RECORD_BYTES}-byte (new state|buffer)$`), 'record'],
  [/^code$/, 'code'],
];

function placeOf({ register, lsb, width }: RegisterField): string {
  const name = register === 'RAX' && width === 32 ? 'EAX' : register;
  if (width === 64 || width === 32 || register === 'CF') return name;
  return width === 1 ? `${name}[${lsb}]` : `${name}[${lsb + width - 1}:${lsb}]`;
}

/** `RDX: [7:0] target VMPL, [16] VMSA` or `ECX0: page size` as pairs of a place and words. */
function fieldsIn(register: string, text: string): (readonly [string, string])[] {
  const [, name = register, bit] = /^([A-Z]+)(\d+)?$/.exec(register) ?? [];
  const whole = name === 'EAX' ? name : name.replace(/^E/, 'R');
  if (!text.startsWith('[')) return [[bit === undefined ? whole : `${whole}[${bit}]`, text]];
  return text.split(/, (?=\[)/).map((part) => {
    const [, place = '', words = ''] = /^(\[[\d:]+\]) (.*)$/.exec(part) ?? [];
    return [whole + place, words] as const;
  });
}

function compareRegisters(
  what: string,
  given: Readonly<Record<string, string>>,
  ours: Ours['takes'],
  compare: Compare,
): void {
  const fields = Object.entries(given).flatMap(([register, text]) => fieldsIn(register, text));
  for (const [place, words] of fields) {
    const known = WORDS.find(([pattern]) => pattern.test(words))?.[1];
    const field = known === undefined ? undefined : ours[known];
    const expected = field ? placeOf(field) : 'nothing';
    // A file that names a register without bits leaves them open.
    compare(`${what} ${words}`, place, place.includes('[') ? expected : expected.replace(/\[0\]$/, ''));
  }
  compare(what, String(fields.length), String(Object.keys(ours).length));
}

/** Places where an instruction exists, and the checks that see to it. */
const CONDITIONS: readonly (readonly [RegExp, RegExp])[] = [
  [/SNP-active guest/, /^rmp\.guest-mode$/],
  [/64-bit|SNP enabled/, /^rmp\.(guest|host)-mode$/],
  [/CPL 0/, /^rmp\.host-cpl$/],
  [/VMPL 0/, /^pvalidate\.vmpl$/],
  [/host \(ASID 0\)/, /^rmp\.host-asid$/],
];

function compareWhere(where: string, { checks }: Ours, compare: Compare): void {
  const known = CONDITIONS.map(([words]) => words.source).join('|');
  for (const part of where.split(', '))
    if (!new RegExp(`^(?:${known})$`).test(part)) throw new Error(`"${part}" is not known here`);
  const ids = checks.map(({ rule }) => rule.id);
  for (const [words, id] of CONDITIONS) {
    const said = words.test(where);
    const held = ids.some((each) => id.test(each));
    // A mode that a file does not name may still be asked for.
    if (said || !id.source.includes('mode')) compare(words.source, String(said), String(held));
  }
}

function codesOf({ checks }: Ours): Record<string, string> {
  const ends = new Set(['SUCCESS', ...checks.map((check) => check.ends)]);
  return Object.fromEntries(
    Object.entries(CODES)
      .filter(([name]) => ends.has(name))
      .map(([name, code]) => [String(code), name]),
  );
}

const bytesOf = (opcode: string): string =>
  opcode
    .replace(/ \(.*$/, '')
    .replaceAll(' ', '')
    .toLowerCase();

/** VMGEXIT is an instruction of the programs that guests run. */
function compareVmgexit({ opcode }: Row, compare: Compare): void {
  const code = assemble('vmgexit');
  compare('opcode', bytesOf(opcode), code.ok ? toHex(code.code) : 'not an instruction');
}

function compareInstruction(given: Row, compare: Compare): void {
  if (given.name === 'VMGEXIT') {
    compareVmgexit(given, compare);
    return;
  }
  const ours = OURS[given.name];
  if (!ours) throw new Error(`instruction ${given.name} is not known here`);
  compare('opcode', bytesOf(given.opcode), ours.opcode);
  compareWhere(given.where, ours, compare);
  compareRegisters('in', given.in ?? {}, ours.takes, compare);
  const { CF, ...out } = given.out ?? {};
  const { carry, ...gives } = ours.gives;
  compareRegisters('out', out, gives, compare);
  compare('CF', String(CF !== undefined), String(carry !== undefined));
  if (CF !== undefined) compare('CF', CF.replace(/ \(Linux .*$/, ''), carries(TRIES[given.name] ?? {}));
  compare('codes', canonical(given.codes), canonical(codesOf(ours)));
  if (given.checks) compare('checks', [...placesOf(given)].join(), ours.checks.map((_, i) => i + 1).join());
}

const checkRow = z.object({ when: sentence, outcome: sentence });

const attempts = (name: string, of: unknown): Tries[string] => {
  const when = isRecord(of) && typeof of.when === 'string' ? of.when : '';
  return TRIES[name]?.[when] ?? [];
};

/** Which of our checks decide the tries of all rows, in order. */
function placesOf({ name, checks = [] }: Row): number[] {
  const found = checks.flatMap((each) => attempts(name, each).map((attempt) => tried(attempt).at));
  return [...new Set(found.filter((at) => at !== null))];
}

/** An outcome without remarks: `EAX=1 (VERISMO says permission)`. */
const bare = (outcome: string): string => outcome.replace(/ \([^)]*\)$/, '');

/** A file says of CF in these rows only where the code is SUCCESS. */
const withoutCarry = (end: string): string => end.replace(/^(EAX=[1-9]\d*) CF=0$/, '$1');

function compareCheck(name: string, { when, outcome }: z.infer<typeof checkRow>, compare: Compare): void {
  const tries = TRIES[name]?.[when];
  if (!tries) throw new Error(`"${when}" is not known here`);
  const ends = [...new Set(tries.map((attempt) => withoutCarry(tried(attempt).end)))].join(' / ');
  const clauses = (text: string): string => text.split(/[;,] (?![^()]*\))/).join('; ');
  compare('outcome', clauses(bare(outcome)), clauses([...effectsOf(name, when), ends].join('; ')));
}

function runChecks(json: unknown): CaseResult[] {
  if (!isRecord(json) || typeof json.name !== 'string') return [];
  const { name } = json;
  return runTable(`instructions ${name}.checks`, json.checks, checkRow, (each, compare) =>
    compareCheck(name, each, compare),
  );
}

/** The instructions of SNP, each check of them tried on a machine, in the format of `instructions` of `cpu.json`. */
export const snpInstructions = {
  name: 'instructions of SNP',
  recognises: (json: unknown) => isRecord(json) && hasEntryWith(json.instructions, 'name', 'opcode', 'codes'),
  run: (json: unknown) => {
    const { instructions } = json as { instructions: unknown[] };
    return instructions.flatMap((each, i) => {
      const name = isRecord(each) ? String(each.name).slice(0, 40) : '';
      return [
        runCase(`instructions[${i}] ${name}`, (compare) => compareInstruction(row.parse(each), compare)),
        ...runChecks(each),
      ];
    });
  },
} satisfies Recogniser;
