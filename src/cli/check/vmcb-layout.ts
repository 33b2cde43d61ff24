import { z } from 'zod';
import * as vmcb from '../../engine/cpu/vmcb';
import { hasEntryWith, isRecord, type Recogniser } from './result';
import { entryNamed, hexNumber, runTable, sentence, shown } from './tables';

const row = z.object({ off: hexNumber, name: sentence });

const PLACES = { ...vmcb.VMCB_FIELDS, ...vmcb.VMCB_RANGES };

/** Names of a file that are more words than ours. */
const OTHER_NAMES: readonly (readonly [RegExp, keyof typeof PLACES])[] = [
  [/^bit ?\d+ NP_ENABLE/, 'nestedControl'],
  [/^bit ?\d+ LBR/, 'lbrControl'],
  [/^GHCB MSR/, 'ghcb'],
  [/^nCR3/, 'nestedCr3'],
  [/^instruction/, 'guestInstruction'],
  [/^VMSA/, 'vmsa'],
];

/** Bits that a file names in a row. */
const BITS: Readonly<Record<string, bigint>> = {
  NP_ENABLE: vmcb.NP_ENABLE,
  SEV_ENABLE: vmcb.SEV_ENABLE,
  SEV_ES_ENABLE: vmcb.SEV_ES_ENABLE,
  VTE: vmcb.VTE_ENABLE,
  LBR: 1n,
};

function placeOf(name: string): { readonly offset: number; readonly size: number } {
  const other = OTHER_NAMES.find(([words]) => words.test(name));
  return other ? PLACES[other[1]] : entryNamed('field', name, PLACES);
}

/** Where fields of the VMCB lie, in the format of `vmcb.offsets` of `cpu.json`. */
export const vmcbLayout = {
  name: 'the layout of the VMCB',
  recognises: (json: unknown) =>
    isRecord(json) && isRecord(json.vmcb) && hasEntryWith(json.vmcb.offsets, 'off', 'name'),
  run: (json: unknown) =>
    runTable(
      'vmcb.offsets',
      (json as { vmcb: { offsets: unknown } }).vmcb.offsets,
      row,
      ({ off, name }, compare) => {
        const { offset, size } = placeOf(name);
        const bits = /\(u(\d+)\)/.exec(name)?.[1];
        compare('offset', shown(off), shown(offset));
        if (bits) compare('bits', bits, String(8 * size));
        for (const [, bit = '', word = ''] of name.matchAll(/\bbit ?(\d+) (\w+)/g)) {
          const mask = BITS[word];
          if (mask) compare(`bit of ${word}`, shown(1n << BigInt(bit)), shown(mask));
        }
      },
    ),
} satisfies Recogniser;
