import { z } from 'zod';
import { type KeyInputs, selectKey } from '../../engine/cpu/key';
import { hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const bit = z.union([z.literal([0, 1, 'any', 'ignored']), z.boolean()]).optional();
const cBit = z.union([bit, z.literal(['forced 0', 'forced 1', 'effective 0', 'effective 1'])]);

const row = z
  .object({
    mode: z.string(),
    memEncModEn: bit,
    guestMode: bit,
    sevActive: bit,
    access: z.string(),
    pagingMode: z.string().optional(),
    hostC: cBit,
    guestC: cBit,
    nestedC: bit,
    key: z.enum(['none', 'host', 'guest']).optional(),
    outcome: z.string().optional(),
  })
  .refine(({ key, outcome }) => key !== undefined || outcome !== undefined, 'neither key nor outcome');

type Row = z.infer<typeof row>;
type Kind = KeyInputs['kind'];
type Paging = KeyInputs['paging'];

const BOTH = [false, true];

/** The values that a column stands for; absent, `any` and `ignored` mean: every value gives the same answer. */
const bits = (column: Row['nestedC']): readonly boolean[] =>
  column === undefined || column === 'any' || column === 'ignored' ? BOTH : [Boolean(column)];

/** The kinds of access that the row's words name. */
function kindsOf(access: string): readonly Kind[] {
  if (access === 'any') return ['data', 'fetch', 'walk', 'nested-walk', 'vmsa'];
  if (access.startsWith('any')) return ['data', 'fetch', 'walk'];
  if (access.includes('VMSA')) return ['vmsa'];
  if (access.includes('nested')) return ['nested-walk'];
  const kinds: Kind[] = [];
  if (access.includes('data')) kinds.push('data');
  if (access.includes('fetch')) kinds.push('fetch');
  if (access.includes('walk')) kinds.push('walk');
  if (kinds.length === 0) throw new Error(`access: "${access}" is not known here`);
  return kinds;
}

const PAGING: Readonly<Record<string, Paging>> = {
  long: 'long',
  'legacy PAE': 'pae',
  'legacy non-PAE': 'legacy',
  'paging disabled': 'off',
};

/**
 * Paging modes of a row. One that names a C-bit without naming the mode speaks of modes that have one: without paging
 * and with 32-bit entries it is forced to 1 (APM vol. 2 §15.34.5), before vTOM is looked at.
 */
function pagingOf({ pagingMode, guestC, hostC, access }: Row): readonly Paging[] {
  if (pagingMode !== undefined && pagingMode !== 'any') {
    const paging = PAGING[pagingMode];
    if (!paging) throw new Error(`pagingMode: "${pagingMode}" is not known here`);
    return [paging];
  }
  const named = [guestC, hostC].some(
    (c) => c === 'effective 0' || typeof c === 'number' || typeof c === 'boolean',
  );
  return named || access.includes('PTE C=1') ? ['long', 'pae'] : ['long', 'pae', 'legacy', 'off'];
}

/** C-bits of the leaf. With vTOM the bit in the table is 0 and the effective one follows from the address (§15.36.8). */
function leafBits({ access, guestC, hostC }: Row): readonly boolean[] {
  if (access.includes('PTE C=1')) return [true];
  const column = hostC ?? guestC;
  if (column === 'effective 0' || column === 'effective 1') return [false];
  if (column === 'forced 0' || column === 'forced 1') return BOTH;
  return bits(column);
}

function vtomOf({ mode, access }: Row): readonly KeyInputs['vtom'][] {
  if (!/vtom/i.test(mode)) return ['off'];
  if (/< *VIRTUAL_TOM/.test(access)) return ['below'];
  return /(>=|≥) *VIRTUAL_TOM/.test(access) ? ['above'] : ['below', 'above'];
}

/** Every access that a row speaks of. */
function* accessesOf(entry: Row): Generator<KeyInputs> {
  const vte = /vte/i.test(entry.mode);
  for (const memEncryption of bits(entry.memEncModEn))
    for (const guest of bits(entry.guestMode))
      for (const sev of bits(entry.sevActive).filter((on) => guest || !on))
        for (const kind of kindsOf(entry.access))
          for (const paging of pagingOf(entry))
            for (const c of leafBits(entry))
              for (const nestedC of bits(entry.nestedC))
                for (const vtom of vtomOf(entry))
                  yield { memEncryption, guest, sev, kind, paging, c, nestedC, vte, vtom };
}

const inWords = (access: KeyInputs): string =>
  Object.entries(access)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** Which key an access uses, in the format of the table `sevAccessTruthTable` of `cpu.json`. */
export const accessTruth: Recogniser = {
  name: 'key selection',
  recognises: (json) => isRecord(json) && hasEntryWith(json.sevAccessTruthTable, 'access', 'memEncModEn'),
  run: (json) =>
    runSection(json, 'sevAccessTruthTable', row, (entry, compare) => {
      const expected = entry.key ?? 'fault';
      const accesses = [...accessesOf(entry)];
      if (accesses.length === 0) throw new Error('no access can be as this row says');
      const wrong = accesses.find((access) => selectKey(access).key !== expected);
      if (wrong) compare(`key of ${inWords(wrong)}`, expected, selectKey(wrong).key);
    }),
};
