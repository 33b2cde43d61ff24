import { z } from 'zod';
import { RMPREAD } from '../../engine/rmp/instructions/rmpread';
import { RMPUPDATE } from '../../engine/rmp/instructions/rmpupdate';
import { packRecord, RECORD_BYTES, RECORD_FIELDS } from '../../engine/rmp/record';
import type { CaseResult, Compare } from './result';
import { numbersIn, single } from './rmp-place';
import { entryNamed, runTable, sentence } from './tables';

const row = z.object({ off: z.number().int(), size: z.number().int(), name: sentence });

const EMPTY = { gpa: 0, assigned: false, large: false, regionAssigned: false, immutable: false, asid: 0 };
const SIZES = /^bit(\d) pagesize, bit(\d) 2M-region status$/;

function compareField({ off, size, name }: z.infer<typeof row>, compare: Compare): void {
  const sizes = /^bit/.test(name);
  const ours = sizes ? RECORD_FIELDS.pageSize : entryNamed('field', name, RECORD_FIELDS);
  compare('offset', String(off), String(ours.offset));
  compare('size', String(size), String(ours.size));
  if (!sizes) return;
  const [large = 0, region = 0] = numbersIn(name, SIZES);
  const byte = (fields: Partial<typeof EMPTY>) => String(packRecord({ ...EMPTY, ...fields })[ours.offset]);
  compare('bit of the size', String(1 << large), byte({ large: true }));
  compare('bit of the 2 MiB', String(1 << region), byte({ regionAssigned: true }));
}

function compareUse(text: unknown, compare: Compare): void {
  const found = /^same (\d+) bytes as RMPREAD output, addressed by ([A-Z]+)$/.exec(sentence.parse(text));
  if (!found) throw new Error(`"${text}" is not understood here`);
  compare('bytes', String(found[1]), String(RECORD_BYTES));
  for (const { name, takes } of [RMPUPDATE, RMPREAD])
    compare(`register of ${name}`, String(found[2]), String(takes.record?.register));
}

/** How software and RMPREAD and RMPUPDATE tell each other of a page, in the formats of `rmp` of `cpu.json`. */
export function runRmpRecord(rmp: Record<string, unknown>): CaseResult[] {
  return [
    ...runTable('rmp.rmpreadFormat', rmp.rmpreadFormat, row, compareField),
    ...single('rmp.rmpupdateFormat', rmp.rmpupdateFormat, (compare) =>
      compareUse(rmp.rmpupdateFormat, compare),
    ),
  ];
}
