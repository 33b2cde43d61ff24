import { z } from 'zod';
import {
  advancesRip,
  exitName,
  isAutomatic,
  NPF_RESERVED,
  needsInterceptBit,
  VC_ERRORS,
  VECTORS,
} from '../../engine/cpu/exits';
import { SEV_FEATURES } from '../../engine/cpu/sevFeatures';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runCase } from './result';
import { entryNamed, plain, runTable, sentence, shown } from './tables';

/** More codes than a range of a file can sensibly name. */
const LONGEST_RANGE = 32;

/** `0x60,0x61`, `0x90-0x9f` or `-1` as numbers. */
const codes = sentence.transform((text, context) => {
  const parts = text.split(',').map((part) => /^(-\d+|0x[0-9a-f]+)(?:-(0x[0-9a-f]+))?$/i.exec(part.trim()));
  const ranges = parts.map((part) => ({ first: Number(part?.[1]), last: Number(part?.[2] ?? part?.[1]) }));
  if (ranges.every(({ first, last }) => last >= first && last - first < LONGEST_RANGE))
    return ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  context.addIssue('no list of exit codes');
  return z.NEVER;
});

const automaticRow = z.object({
  code: codes,
  name: sentence,
  hardwareAdvancesRip: z.boolean().nullable(),
});

/** `CR0..CR15_WRITE_TRAP` names the first and the last of a range, the end of the name once. */
function compareNames(name: string, list: readonly number[], compare: Compare): void {
  const [first = '', last = first] = name.split('..');
  const ours = list.map(exitName);
  compare('name of the last', plain(last), plain(ours.at(-1) ?? ''));
  if (last === first) return;
  const ending = last.slice(last.indexOf('_'));
  compare('name of the first', plain(first + ending), plain(ours[0] ?? ''));
}

function compareAutomatic(row: z.infer<typeof automaticRow>, compare: Compare): void {
  const onlyUnreserved = /RSVD *= *0/.test(row.name);
  compareNames(row.name, row.code, compare);
  for (const code of row.code) {
    compare(`${shown(code)} is automatic`, 'true', String(isAutomatic(code)));
    compare(
      `${shown(code)} is automatic with a reserved bit`,
      String(!onlyUnreserved),
      String(isAutomatic(code, NPF_RESERVED)),
    );
    compare(`${shown(code)} advances RIP`, String(row.hardwareAdvancesRip), String(advancesRip(code)));
  }
}

const noteRow = z.object({
  code: codes,
  name: sentence,
  note: sentence.optional(),
  guests: sentence.optional(),
});

/** What a file calls an exit in more words than the field does. */
const OTHER_NAMES: Readonly<Record<string, string>> = { portio: 'ioio' };

/** The guests that a row speaks of: one without any of the features, and one with each feature. */
function guestsOf(text: string): { readonly without: boolean; readonly features: readonly bigint[] } {
  const features = Object.entries(SEV_FEATURES)
    .filter(([name]) => text.includes(name) || (name === 'SNPActive' && /\bSNP\b/.test(text)))
    .map(([, { bit }]) => 1n << BigInt(bit));
  return { without: features.length === 0 || text.includes('SEV-ES'), features };
}

function compareNote(row: z.infer<typeof noteRow>, automatic: boolean, compare: Compare): void {
  const names = row.name.split(',').map((name) => plain(name.replace(/ 0x.*$/, '')));
  const range = /\b(0x[0-9a-f]+)-(0x[0-9a-f]+)$/i.exec(row.name);
  const msrs = range ? [Number(range[1]), Number(range[2])] : [undefined];
  const { without, features } = guestsOf(row.guests ?? row.note ?? '');
  compare(
    'names',
    names.map((name) => OTHER_NAMES[name] ?? name).join(),
    row.code.map(exitName).map(plain).join(),
  );
  for (const code of row.code) {
    const name = exitName(code);
    compare(`${name} is automatic`, String(automatic), String(isAutomatic(code)));
    for (const msr of msrs) {
      const needs = (of: bigint) =>
        String(needsInterceptBit(code, { features: of, ...(msr !== undefined && { msr }) }));
      compare(`${name} needs its bit`, String(!without), needs(0n));
      for (const feature of features)
        compare(`${name} needs its bit with SEV_FEATURES ${shown(feature)}`, 'false', needs(feature));
    }
  }
}

function runNotes(notes: unknown): CaseResult[] {
  if (!isRecord(notes)) return [];
  const table = (name: string, automatic: boolean) =>
    runTable(`automaticExitNotes.${name}`, notes[name], noteRow, (row, compare) =>
      compareNote(row, automatic, compare),
    );
  return [...table('unconditionalExits', true), ...table('unconditionallyInterceptedNae', false)];
}

/** Error codes of #VC: each number with a name; what is said in words is no case. */
function runVcErrors(json: Record<string, unknown>): CaseResult[] {
  const list = isRecord(json.errorCodes) ? json.errorCodes.vcErrorCodes : undefined;
  if (!isRecord(list)) return [];
  return Object.entries(list)
    .filter(([code]) => /^0x[0-9a-f]+$/i.test(code))
    .map(([code, name]) =>
      runCase(`errorCodes.vcErrorCodes ${code}`, (compare) =>
        compare('code', code.toLowerCase(), shown(entryNamed('error', sentence.parse(name), VC_ERRORS))),
      ),
    );
}

function runVectors(json: Record<string, unknown>): CaseResult[] {
  if (!isRecord(json.exceptions)) return [];
  return Object.entries(json.exceptions).map(([name, vector]) =>
    runCase(`exceptions ${name}`, (compare) =>
      compare('vector', String(vector), String(entryNamed('exception', name, VECTORS))),
    ),
  );
}

const hasVcErrors = (json: Record<string, unknown>): boolean =>
  isRecord(json.errorCodes) && isRecord(json.errorCodes.vcErrorCodes);

/** Which exits leave an SEV-ES guest by themselves, and what #VC says, in the formats of `cpu.json`. */
export const exitLists = {
  name: 'exits of SEV-ES guests',
  recognises: (json: unknown) =>
    isRecord(json) &&
    (hasEntryWith(json.automaticExits, 'code', 'hardwareAdvancesRip') ||
      isRecord(json.automaticExitNotes) ||
      hasVcErrors(json) ||
      (isRecord(json.exceptions) && 'VC' in json.exceptions)),
  run: (json: unknown) => {
    const file = json as Record<string, unknown>;
    return [
      ...runTable('automaticExits', file.automaticExits, automaticRow, compareAutomatic),
      ...runNotes(file.automaticExitNotes),
      ...runVcErrors(file),
      ...runVectors(file),
    ];
  },
} satisfies Recogniser;
