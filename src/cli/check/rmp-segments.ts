import { z } from 'zod';
import { HUGE_PAGE_SIZE, PAGE_SIZE } from '../../engine/core/address';
import { u64 } from '../../engine/core/bytes';
import type { Fault, Outcome } from '../../engine/core/fault';
import type { Platform } from '../../engine/core/platform';
import { BOOKKEEPING_BYTES } from '../../engine/rmp/place';
import { writeRmpBase, writeRmpCfg, writeSyscfg } from '../../engine/rmp/registers';
import { walkRefusal } from '../../engine/rmp/segmentRules';
import {
  entryInSegment,
  FN80000025,
  SEGMENT_ENTRY_BYTES,
  SEGMENT_FIELDS,
  segmentBytes,
  segmentCount,
  unpackSegment,
} from '../../engine/rmp/segments';
import { storeTable } from '../../engine/rmp/store';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser } from './result';
import { numbersIn, single } from './rmp-place';
import { TABLE_AT, turin, withTable } from './snp-machine';
import { entryNamed, plain, runTable, sentence, shown } from './tables';

const row = z.object({ lsb: z.number().int().min(0), width: z.number().int().min(1), name: sentence });
type Row = z.infer<typeof row>;

const OTHER_NAMES: Readonly<Record<string, string>> = {
  minrmpsegsize: 'min',
  maxrmpsegsize: 'max',
  numcachedsegments: 'cached',
  numsegreduction: 'hard',
  rmpdirtyrmpchkd: 'dirty',
  coveredsizeingib: 'covered',
  segrmpbase5120: 'base',
};

type Fields = Readonly<Record<string, { readonly lsb: number; readonly width: number }>>;
const compareBits =
  (ours: Fields) =>
  ({ lsb, width, name }: Row, compare: Compare): void => {
    const word = name.replace(/ \(after Turin.*\)$/, '');
    const field = entryNamed('field', OTHER_NAMES[plain(word)] ?? word, ours);
    compare('lsb', String(lsb), String(field.lsb));
    compare('width', String(width), String(field.width));
  };

const SOFT = { min: 0, max: 63, cached: 16, hard: false };
const BITS = 36;
const BASE = 0x40000000;
const segmentOf = (covered: number) => ({ covered, base: BASE, malformed: false });

function compareTable(text: unknown, compare: Compare): void {
  const pattern = /^RMP_BASE \+ (0x[0-9a-f]+), (\d+) x (\d+) bytes$/i;
  const [at, count, bytes] = numbersIn(text, pattern);
  compare('place', String(at), String(BOOKKEEPING_BYTES));
  compare('entries', String(count), String(segmentCount(SOFT)));
  compare('bytes', String(bytes), String(SEGMENT_ENTRY_BYTES));
}

function compareAddress(text: unknown, compare: Compare): void {
  const pattern =
    /^SegRmpBase \+ \(\(SPA & \(2\^RmpSegSize - 1\)\) >> (\d+)\) \* (\d+), if the offset is below CoveredSize GiB; otherwise hypervisor-owned$/;
  const [shift = 0, bytes = 0] = numbersIn(text, pattern);
  for (const offset of [0, 0x12345000, HUGE_PAGE_SIZE - 1, HUGE_PAGE_SIZE]) {
    const covered = offset < HUGE_PAGE_SIZE;
    const at = entryInSegment(segmentOf(HUGE_PAGE_SIZE), BITS, 2 ** BITS + offset);
    compare(
      `entry at ${shown(offset)}`,
      covered ? shown(BASE + Math.floor(offset / 2 ** shift) * bytes) : 'none',
      at === null ? 'none' : shown(at),
    );
  }
}

function compareMost(text: unknown, compare: Compare): void {
  const pattern = /^(\d+), or NumCachedSegments when Fn8000_0025 EBX\[(\d+)\]=1$/;
  const [most, bit] = numbersIn(text, pattern);
  compare('segments', String(most), String(segmentCount(SOFT)));
  compare('cached ones', String(SOFT.cached), String(segmentCount({ ...SOFT, hard: true })));
  compare('bit', String(bit), String(FN80000025.ebx.hard.lsb));
}

function compareAbove(text: unknown, compare: Compare): void {
  const last = entryInSegment(segmentOf(2 ** (BITS + 1)), BITS, 2 ** BITS - PAGE_SIZE);
  compare('covered', sentence.parse(text), `${last === null ? 'no' : 'whole'} segment is covered`);
}

const faultRow = z.object({ when: sentence, outcome: sentence });

/** CPUID of Turin’s sizes in a value of RMP_CFG: SegRmpEn, and 2 to this power of bytes a segment. */
const cfg = (segmentBits: number): number => (segmentBits << 8) | 1;
const ON = { mfdm: true, snpEn: true, vmplEn: true };

const faultIn = (outcome: Outcome<null>): Fault | null => (outcome.ok ? null : outcome.fault);
/** A machine whose software has set RMP_BASE and segments, and now sets SecureNestedPagingEn. */
function enabled(base: number, before: (p: Platform) => void = () => {}): Fault | null {
  const p = turin();
  for (const step of [writeRmpBase(p, base), writeRmpCfg(p, cfg(BITS))])
    if (!step.ok) throw new Error(step.fault.message);
  before(p);
  return faultIn(writeSyscfg(p, ON));
}

/** A segment whose entries end beyond 52 bits. */
const farSegment = (p: Platform): void => {
  const entry = u64((1n << 52n) - (1n << 20n) + 1n);
  storeTable(p, TABLE_AT + BOOKKEEPING_BYTES, new Uint8Array([...entry, ...new Uint8Array(8)]));
};

const malformed = unpackSegment(u64(1n << 52n));

/** What a file says can be wrong with segments, and what happens then. */
const FAULTS: Readonly<Record<string, () => readonly (Fault | null)[]>> = {
  'EBX[10]=0 and reserved RST bits set, found in a walk': () =>
    (['host', 'guest'] as const).map((by) => walkRefusal(malformed, SOFT, by)),
  'EBX[10]=1, setting SecureNestedPagingEn, RMP of a defined segment outside the physical address space':
    () => [enabled(TABLE_AT, farSegment)],
  'SegRmpEn=1 and RMP_BASE not 1M aligned, setting SecureNestedPagingEn': () => [enabled(TABLE_AT + 0x2000)],
  'write of RMP_CFG with SecureNestedPagingEn=1, or RmpSegSize out of range': () => [
    faultIn(writeRmpCfg(withTable(), cfg(BITS))),
    faultIn(writeRmpCfg(turin(), cfg(BITS - 1))),
    faultIn(writeRmpCfg(turin(), cfg(43))),
  ],
};

const inWords = (fault: Fault | null): string => (fault?.name === '#GP' ? '#GP(0)' : (fault?.name ?? 'none'));

function compareFault({ when, outcome }: z.infer<typeof faultRow>, compare: Compare): void {
  const faults = FAULTS[when]?.();
  if (!faults) throw new Error(`"${when}" is not known here`);
  const names = [...new Set(faults.map(inWords))].join(' or ');
  const reserved = faults.every((fault) => fault?.inputs.reserved === true);
  compare('outcome', outcome, reserved ? `${names} with reserved-bit error` : names);
}

function runSegmented(segmented: Record<string, unknown>): CaseResult[] {
  const one = (name: string, body: (value: unknown, compare: Compare) => void) =>
    single(`rmp.segmented.${name}`, segmented[name], (compare) => body(segmented[name], compare));
  return [
    ...one('rstAt', compareTable),
    ...runTable('rmp.segmented.rstEntry', segmented.rstEntry, row, compareBits(SEGMENT_FIELDS)),
    ...one('entryAddress', compareAddress),
    ...one('segmentBytes', (text, compare) => {
      const [mib = 0] = numbersIn(text, /^(\d+) MiB per covered GiB$/);
      compare('bytes', shown(mib * 2 ** 20), shown(segmentBytes(unpackSegment(u64(1n)).covered)));
    }),
    ...one('maxSegments', compareMost),
    ...one('coveredSizeAboveSegment', compareAbove),
    ...runTable('rmp.segmented.faults', segmented.faults, faultRow, compareFault),
  ];
}

const leafOf = (json: Record<string, unknown>): Record<string, unknown> | null =>
  isRecord(json.cpuid) && isRecord(json.cpuid.fn80000025) ? json.cpuid.fn80000025 : null;
const segmentedOf = (json: Record<string, unknown>): Record<string, unknown> | null =>
  isRecord(json.rmp) && isRecord(json.rmp.segmented) ? json.rmp.segmented : null;

/** The segmented RMP of Turin, in the formats of `rmp.segmented` and `cpuid.fn80000025` of `cpu.json`. */
export const rmpSegments = {
  name: 'segments of the RMP',
  recognises: (json: unknown) =>
    isRecord(json) &&
    (segmentedOf(json) !== null ||
      Object.values(leafOf(json) ?? {}).some((table) => hasEntryWith(table, 'lsb', 'width', 'name'))),
  run: (json: unknown) => {
    const file = json as Record<string, unknown>;
    const leaf = leafOf(file);
    return [
      ...Object.entries(FN80000025).flatMap(([register, fields]) =>
        runTable(`cpuid.fn80000025.${register}`, leaf?.[register], row, compareBits(fields)),
      ),
      ...runSegmented(segmentedOf(file) ?? {}),
    ];
  },
} satisfies Recogniser;
