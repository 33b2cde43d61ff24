import { z } from 'zod';
import { NESTED_FAULT_BITS, nestedFaultCode, PAGE_FAULT_BITS } from '../../engine/memory/faultBits';
import { nestedCode } from '../../engine/rmp/faults';
import { type Compare, hasEntryWith, isRecord, type Recogniser } from './result';
import { entryNamed, hexNumber, runTable, sentence, shown } from './tables';

const bit = z.number().int().min(0).max(63);
const row = z.object({ bit, name: sentence });

/** A name is the first word; two bits have none. */
const nameOf = (name: string): string =>
  name === 'fault on final GPA'
    ? 'final'
    : name === 'fault during guest page-table walk'
      ? 'table'
      : (name.split(' ')[0] ?? '');

const compareBit =
  (ours: Readonly<Record<string, number>>) =>
  (given: z.infer<typeof row>, compare: Compare): void =>
    compare('bit', String(given.bit), String(entryNamed('bit', nameOf(given.name), ours)));

const example = z.object({ value: hexNumber, bits: z.array(bit), meaning: sentence });

/** What hosts have logged, as this machine makes it: private reads of an SNP guest. */
const MEANINGS: Readonly<Record<string, number>> = {
  'SNP guest, C=1, nested entry not present': nestedFaultCode(['U', 'final', 'ENC']),
  'SNP guest, C=1, RMP check failed': nestedCode({ kind: 'read' }, ['RMP', 'ENC']),
};

function compareExample({ value, bits, meaning }: z.infer<typeof example>, compare: Compare): void {
  const ours = MEANINGS[meaning];
  if (ours === undefined) throw new Error(`"${meaning}" is not known here`);
  compare('value', shown(value), shown(ours));
  const set = Array.from({ length: 64 }, (_, n) => n).filter((n) => (BigInt(ours) >> BigInt(n)) & 1n);
  compare('bits', bits.join(), set.join());
}

/** Bits of page faults and nested page faults, in the formats of `errorCodes` of `cpu.json`. */
export const faultBits = {
  name: 'bits of page faults',
  recognises: (json: unknown) =>
    isRecord(json) &&
    isRecord(json.errorCodes) &&
    (hasEntryWith(json.errorCodes.pageFault, 'bit', 'name') ||
      hasEntryWith(json.errorCodes.npfExitInfo1, 'bit', 'name') ||
      hasEntryWith(json.errorCodes.npfExamples, 'value', 'bits')),
  run: (json: unknown) => {
    const { errorCodes } = json as { errorCodes: Record<string, unknown> };
    return [
      ...runTable('errorCodes.pageFault', errorCodes.pageFault, row, compareBit(PAGE_FAULT_BITS)),
      ...runTable('errorCodes.npfExitInfo1', errorCodes.npfExitInfo1, row, compareBit(NESTED_FAULT_BITS)),
      ...runTable('errorCodes.npfExamples', errorCodes.npfExamples, example, compareExample),
    ];
  },
} satisfies Recogniser;
