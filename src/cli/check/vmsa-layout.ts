import { z } from 'zod';
import { PAGE_SIZE } from '../../engine/core/address';
import { SEGMENT_PARTS, VMSA_CHECKED, VMSA_FIELDS } from '../../engine/cpu/vmsaFields';
import { type CaseResult, hasEntryWith, isRecord, type Recogniser, runCase } from './result';
import { entryNamed, hexNumber, plain, runTable, sentence, shown } from './tables';

const row = z.object({
  off: hexNumber,
  size: z.number().int().min(1),
  name: sentence,
  format: sentence.optional(),
});

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly kind?: string;
}

/** Names of a file that are more words than ours, and the part that has no name here. */
const OTHER_NAMES: readonly (readonly [RegExp, Place])[] = [
  [/^reserved \(zero\)/, VMSA_FIELDS.firmwareZero],
  [/^reserved; firmware/, VMSA_FIELDS.checksumPointer],
  [/^fpreg opmask/, VMSA_FIELDS.fpregOpmask],
  [/^outside the .*checksum/, { offset: VMSA_CHECKED, size: PAGE_SIZE - VMSA_CHECKED, kind: 'bytes' }],
];

/** Bytes that no field has, as ranges between two fields. */
const GAPS: ReadonlyMap<number, number> = (() => {
  const sorted = Object.values(VMSA_FIELDS).toSorted((a, b) => a.offset - b.offset);
  const ends = sorted.map(({ offset, size }) => offset + size);
  return new Map(sorted.map(({ offset }, i) => [ends[i - 1] ?? 0, offset - (ends[i - 1] ?? 0)]));
})();

function placeOf(name: string, off: number): Place {
  const other = OTHER_NAMES.find(([words]) => words.test(name));
  if (other) return other[1];
  if (plain(name) !== 'reserved') return entryNamed('field', name, VMSA_FIELDS);
  return { offset: off, size: GAPS.get(off) ?? 0 };
}

/** The four numbers of a segment as a file writes them: each a word of which ours may be longer, and its bits. */
function segmentDiffers(format: string): boolean {
  const given = format.split(',').map((part) => part.trim().split(/\s+u/));
  const parts = Object.entries(SEGMENT_PARTS);
  return (
    given.length !== parts.length ||
    parts.some(([name, { size }], i) => {
      const [word = '', bits] = given[i] ?? [];
      return word === '' || !name.startsWith(word) || bits !== String(8 * size);
    })
  );
}

function runWhole(vmsa: Record<string, unknown>): CaseResult[] {
  const results: CaseResult[] = [];
  if (vmsa.size !== undefined)
    results.push(runCase('vmsa.size', (compare) => compare('size', String(vmsa.size), String(PAGE_SIZE))));
  if (vmsa.checksumCovers !== undefined)
    results.push(
      runCase('vmsa.checksumCovers', (compare) => {
        const [first = '', last = ''] = sentence.parse(vmsa.checksumCovers).split(/[-\s]/);
        compare('first byte', shown(Number(first)), shown(0));
        compare('last byte', shown(Number(last)), shown(VMSA_CHECKED - 1));
      }),
    );
  return results;
}

/** Where the registers of an SEV-ES guest lie, in the format of `vmsa` of `cpu.json`. */
export const vmsaLayout = {
  name: 'the layout of the VMSA',
  recognises: (json: unknown) =>
    isRecord(json) && isRecord(json.vmsa) && hasEntryWith(json.vmsa.fields, 'off', 'size', 'name'),
  run: (json: unknown) => {
    const { vmsa } = json as { vmsa: Record<string, unknown> };
    return [
      ...runWhole(vmsa),
      ...runTable('vmsa.fields', vmsa.fields, row, ({ off, size, name, format }, compare) => {
        const ours = placeOf(name, off);
        compare('offset', shown(off), shown(ours.offset));
        compare('size', String(size), String(ours.size));
        compare('segment', String(format !== undefined), String(ours.kind === 'segment'));
        if (format !== undefined && segmentDiffers(format))
          compare('format', format, Object.keys(SEGMENT_PARTS).join(', '));
      }),
    ];
  },
} satisfies Recogniser;
