import { ecb } from '@noble/ciphers/aes.js';
import { PAGE_SIZE } from '../../engine/core/address';
import { bytesEqual } from '../../engine/core/bytes';
import type { EncryptionMode } from '../../engine/core/encryption';
import { AesEngine } from '../../engine/memory/aes';
import { MODES } from '../../engine/memory/modes';
import type { Figure } from '../figure';
import { digits, median, time } from '../stats';

export interface XexResult {
  /** Speed of the engine divided by that of the cipher alone, whose data was XORed beforehand: both directions together. */
  readonly ratio: number;
  /** The same when the reference has ready-made tweaks, but must XOR them itself. */
  readonly ratioToPage: number;
  /** MB/s. */
  readonly engine: number;
  readonly cipher: number;
}

/** noble lets a cipher object encrypt once, so the reference makes one a page. */
const PAGES = 256;
const ROUNDS = 15;
const BASE = 0x1_2345_6000;
const WORDS = PAGE_SIZE / 4;

/** A run of pages, each with its address. */
const pages = Array.from({ length: PAGES }, (_, n) => ({
  address: BASE + n * PAGE_SIZE,
  plain: Uint8Array.from({ length: PAGE_SIZE }, (_, i) => (n * 31 + i * 7) & 0xff),
}));

/** The engine against noble's `ecb` on whole pages: medians of alternating rounds. */
export function measureXex(mode: EncryptionMode): XexResult {
  const key = keyOf(MODES[mode].keySizes[0] ?? 16, 1);
  const engine = new AesEngine(mode, { key, tweakKey: keyOf(MODES[mode].tweakKeySizes[0] ?? 0, 2) });
  const cipher = (): ReturnType<typeof ecb> => ecb(key, { disablePadding: true });
  const after = mode !== 'xe-linear';
  const tweaks = pages.map(({ address }) => new Uint32Array(engine.tweak(address, PAGE_SIZE).buffer));
  const before = pages.map(({ plain }, n) => xored(plain, tweaks[n] as Uint32Array));
  const inner = before.map((page) => cipher().encrypt(page));
  const sealed = inner.map((page, n) => (after ? xored(page, tweaks[n] as Uint32Array) : page));
  const out = new Uint8Array(PAGE_SIZE);
  const scratch = new Uint8Array(PAGE_SIZE);

  const byEngine = (): void => {
    for (const [n, { address, plain }] of pages.entries()) {
      engine.encryptInto(address, plain, out);
      engine.decryptInto(address, sealed[n] as Uint8Array, out);
    }
  };
  const byPage = (): void => {
    for (const [n, { plain }] of pages.entries()) {
      const tweak = tweaks[n] as Uint32Array;
      xorInto(plain, tweak, scratch);
      cipher().encrypt(scratch, out);
      if (after) xorInto(out, tweak, out);
      if (after) xorInto(sealed[n] as Uint8Array, tweak, scratch);
      cipher().decrypt(after ? scratch : (sealed[n] as Uint8Array), out);
      xorInto(out, tweak, out);
    }
  };
  const cipherAlone = (): void => {
    for (const n of pages.keys()) {
      cipher().encrypt(before[n] as Uint8Array, out);
      cipher().decrypt(inner[n] as Uint8Array, out);
    }
  };

  const [first] = pages;
  if (!first || !bytesEqual(engine.encrypt(first.address, first.plain), sealed[0] as Uint8Array))
    throw new Error(`the reference of ${mode} computes something else than the engine`);
  for (const work of [byEngine, byPage, cipherAlone, byEngine, byPage, cipherAlone]) work();
  const rounds = Array.from({ length: ROUNDS }, () => ({
    engine: time(byEngine),
    page: time(byPage),
    cipher: time(cipherAlone),
  }));
  const speed = (ms: number): number => (2 * PAGES * PAGE_SIZE) / 1000 / ms;
  return {
    ratio: median(rounds.map((round) => round.cipher / round.engine)),
    ratioToPage: median(rounds.map((round) => round.page / round.engine)),
    engine: speed(median(rounds.map((round) => round.engine))),
    cipher: speed(median(rounds.map((round) => round.cipher))),
  };
}

export const xexFigure = ({ ratio, ratioToPage, engine, cipher }: XexResult): Figure => ({
  value: ratio,
  reference: { what: 'ecb page by page, tweaks XORed beforehand', ratio },
  notes: [
    `${digits(engine)} MB/s, the cipher alone ${digits(cipher)} MB/s; ${digits(ratioToPage)} × when the reference XORs ready-made tweaks itself`,
  ],
});

const keyOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed * 101 + i * 37) & 0xff);

function xorInto(bytes: Uint8Array, tweak: Uint32Array, out: Uint8Array): void {
  const from = new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS);
  const to = new Uint32Array(out.buffer, out.byteOffset, WORDS);
  for (let i = 0; i < WORDS; i++) to[i] = (from[i] as number) ^ (tweak[i] as number);
}

function xored(bytes: Uint8Array, tweak: Uint32Array): Uint8Array {
  const out = new Uint8Array(PAGE_SIZE);
  xorInto(bytes, tweak, out);
  return out;
}
