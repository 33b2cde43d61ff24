import { z } from 'zod';
import { HUGE_PAGE_SIZE } from '../../engine/core/address';
import { ENTRY_BYTES } from '../../engine/rmp/entry';
import {
  BOOKKEEPING_BYTES,
  coveredBytes,
  entryAddress,
  FIRMWARE_UNIT,
  HARDWARE_UNIT,
  tableBytes,
  tableEnd,
} from '../../engine/rmp/place';
import { type CaseResult, type Compare, runCase } from './result';
import { hexNumber, runTable, sentence, shown } from './tables';

/** The numbers that a pattern finds in a sentence. @throws Error when the sentence is another. */
export function numbersIn(text: unknown, pattern: RegExp): number[] {
  const found = pattern.exec(sentence.parse(text));
  if (!found) throw new Error(`"${text}" is not understood here`);
  return found.slice(1).map(Number);
}

/** One case for a value that a file need not have. */
export const single = (id: string, value: unknown, body: (compare: Compare) => void): CaseResult[] =>
  value === undefined ? [] : [runCase(id, body)];

const BASES = [0x100000, 0x7f00000];
const PAGES = [0, 0x12345000, 0x12345fff, 2 ** 40];

function compareAddress(text: unknown, compare: Compare): void {
  const pattern = /^RMP_BASE \+ (0x[0-9a-f]+) \+ \(SPA >> (\d+)\) \* (\d+)$/i;
  const [before = 0, shift = 0, bytes = 0] = numbersIn(text, pattern);
  for (const base of BASES)
    for (const spa of PAGES)
      compare(
        `entry of ${shown(spa)}`,
        shown(base + before + Math.floor(spa / 2 ** shift) * bytes),
        shown(entryAddress(base, spa)),
      );
}

function compareCoverage(text: unknown, compare: Compare): void {
  const pattern = /^\(\(RMP_END \+ 1 - RMP_BASE - (0x[0-9a-f]+)\) \/ (\d+)\) \* (\d+) bytes from SPA (\d+)$/i;
  const [before = 0, bytes = 1, page = 0, from] = numbersIn(text, pattern);
  compare('from', String(from), '0');
  for (const base of BASES)
    for (const size of [0x204000, 0x1004000])
      compare(
        `covered by ${shown(size)} bytes`,
        shown(((size - before) / bytes) * page),
        shown(coveredBytes({ base, end: base + size - 1 })),
      );
}

function compareUse(text: unknown, compare: Compare): void {
  const [count = 0, width = 0] = numbersIn(text, /^(\d+) per-ASID u(\d+) page counters\b/);
  compare('bytes', String((count * width) / 8), String(BOOKKEEPING_BYTES));
  compare('bits of a counter', String(width), '64');
}

const sizeRow = z.object({
  cover: z
    .string()
    .regex(/^\d{1,6} GiB$/)
    .transform((text) => Number.parseInt(text, 10) * HUGE_PAGE_SIZE),
  base: hexNumber.optional(),
  end: hexNumber.optional(),
  bytes: hexNumber.optional(),
  note: sentence.optional(),
});

function compareSize({ cover, base = 0, end, bytes, note }: z.infer<typeof sizeRow>, compare: Compare): void {
  if (bytes !== undefined) compare('bytes', shown(bytes), shown(tableBytes(cover)));
  if (end === undefined) return;
  compare('end', shown(end), shown(tableEnd(base, cover, HARDWARE_UNIT)));
  compare('covered', shown(cover), shown(coveredBytes({ base, end })));
  const firmware = /\bfirmware needs end (0x[0-9a-f]+)/i.exec(note ?? '')?.[1];
  if (firmware) compare('end for the firmware', firmware, shown(tableEnd(base, cover, FIRMWARE_UNIT)));
}

/** Where entries lie, and how much memory a table covers, in the formats of `rmp` of `cpu.json`. */
export function runRmpPlace(rmp: Record<string, unknown>): CaseResult[] {
  return [
    ...single('rmp.entryBytes', rmp.entryBytes, (compare) =>
      compare('bytes', String(rmp.entryBytes), String(ENTRY_BYTES)),
    ),
    ...single('rmp.bookkeepingBytes', rmp.bookkeepingBytes, (compare) =>
      compare('bytes', String(rmp.bookkeepingBytes), String(BOOKKEEPING_BYTES)),
    ),
    ...single('rmp.bookkeepingUse', rmp.bookkeepingUse, (compare) => compareUse(rmp.bookkeepingUse, compare)),
    ...single('rmp.entryAddress', rmp.entryAddress, (compare) => compareAddress(rmp.entryAddress, compare)),
    ...single('rmp.coverage', rmp.coverage, (compare) => compareCoverage(rmp.coverage, compare)),
    ...runTable('rmp.sizeExamples', rmp.sizeExamples, sizeRow, compareSize),
  ];
}
