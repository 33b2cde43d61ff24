import { z } from 'zod';
import { toHex } from '../../engine/core/bytes';
import { AesEngine } from '../../engine/memory/aes';
import { TWEAK_WORDS } from '../../engine/memory/linear-tweak';
import { address, hexBytes } from './fields';
import {
  type CaseResult,
  type Compare,
  hasEntryWith,
  isRecord,
  type Recogniser,
  runCase,
  runSection,
} from './result';
import { xor } from './xor';

const worked = z.object({
  keyHex: hexBytes,
  plaintextHex: hexBytes,
  p: address,
  q: address,
  Tp: hexBytes,
  Tq: hexBytes,
  TpXorTq: hexBytes,
  xe: z.object({ cAtP: hexBytes, decOfMovedAtQ: hexBytes }),
  xex: z.object({
    cAtP: hexBytes,
    decOfMovedAtQ_noAdjust: hexBytes,
    adjustedCiphertext: hexBytes,
    decOfMovedAtQ_adjusted: hexBytes,
  }),
  expectedMovedPlaintext: hexBytes,
  injection: z
    .object({ want: hexBytes, atTarget: address, needKnownPlaintextAtSource: hexBytes, source: address })
    .optional(),
});

type Worked = z.infer<typeof worked>;

const NO_KEY = new Uint8Array(0);

function compareMove(c: Worked, compare: Compare): void {
  const xe = new AesEngine('xe-linear', { key: c.keyHex, tweakKey: NO_KEY });
  const xex = new AesEngine('xex-linear', { key: c.keyHex, tweakKey: NO_KEY });
  const bytes = (what: string, expected: Uint8Array, got: Uint8Array): void =>
    compare(what, toHex(expected), toHex(got));
  const [tp, tq] = [xe.tweak(c.p, c.plaintextHex.length), xe.tweak(c.q, c.plaintextHex.length)];
  const difference = xor(tp, tq);
  bytes('Tp', c.Tp, tp);
  bytes('Tq', c.Tq, tq);
  bytes('TpXorTq', c.TpXorTq, difference);
  bytes('expectedMovedPlaintext', c.expectedMovedPlaintext, xor(c.plaintextHex, difference));

  const inner = xe.encrypt(c.p, c.plaintextHex);
  bytes('xe.cAtP', c.xe.cAtP, inner);
  bytes('xe.decOfMovedAtQ', c.xe.decOfMovedAtQ, xe.decrypt(c.q, inner));

  const outer = xex.encrypt(c.p, c.plaintextHex);
  const adjusted = xor(outer, difference);
  bytes('xex.cAtP', c.xex.cAtP, outer);
  bytes('xex.decOfMovedAtQ_noAdjust', c.xex.decOfMovedAtQ_noAdjust, xex.decrypt(c.q, outer));
  bytes('xex.adjustedCiphertext', c.xex.adjustedCiphertext, adjusted);
  bytes('xex.decOfMovedAtQ_adjusted', c.xex.decOfMovedAtQ_adjusted, xex.decrypt(c.q, adjusted));

  if (c.injection) {
    const { want, atTarget, source, needKnownPlaintextAtSource } = c.injection;
    const needed = xor(want, xe.tweak(source, want.length), xe.tweak(atTarget, want.length));
    bytes('injection.needKnownPlaintextAtSource', needKnownPlaintextAtSource, needed);
    bytes('injection.want', want, xe.decrypt(atTarget, xe.encrypt(source, needKnownPlaintextAtSource)));
  }
}

/** How many of the words are independent over GF(2), by elimination. */
function rank(words: Iterable<number>): number {
  const basis: number[] = [];
  for (const word of words) {
    const rest = basis.reduce((left, row) => Math.min(left, (left ^ row) >>> 0), word);
    if (rest !== 0) basis.push(rest);
  }
  return basis.length;
}

/** The constants of address bits 4 to 31 are the published ones. */
const PUBLISHED = TWEAK_WORDS.subarray(0, 28);

function runRank(json: unknown): CaseResult[] {
  if (!isRecord(json) || json.rankGF2OfPublishedConstants === undefined) return [];
  const expected = String(json.rankGF2OfPublishedConstants);
  return [
    runCase('rankGF2OfPublishedConstants', (compare) => compare('rank', expected, String(rank(PUBLISHED)))),
  ];
}

/** Ciphertext blocks moved between addresses, in the format of `block-move.json`. */
export const blockMove: Recogniser = {
  name: 'moved ciphertext blocks',
  recognises: (json) =>
    isRecord(json) &&
    hasEntryWith(Array.isArray(json.worked) ? json.worked : [json.worked], 'keyHex', 'p', 'q'),
  run: (json) => [...runSection(json, 'worked', worked, compareMove), ...runRank(json)],
};
