import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { alignUp, hex, PAGE_SIZE, pageBase, pfnOf } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { ENCRYPTION_MODES } from '../../engine/core/encryption';
import { AesEngine } from '../../engine/memory/aes';
import { address, hexBytes } from './fields';
import { type CaseResult, hasEntryWith, isRecord, type Recogniser, runCase, runSection } from './result';
import { xor } from './xor';

const mode = z.enum(ENCRYPTION_MODES);
const NO_KEY = new Uint8Array(0);
const noKey = hexBytes.default(NO_KEY);

const blocks = z.object({
  mode,
  key: hexBytes,
  key2: noKey,
  pa: address,
  plaintext: hexBytes,
  ciphertext: hexBytes,
  tweaks: z.array(hexBytes).default([]),
  data_unit: address.optional(),
  page_ciphertext_sha256: hexBytes.optional(),
});

function runBlocks(json: unknown): CaseResult[] {
  return runSection(json, 'cases', blocks, (c, compare) => {
    const aes = new AesEngine(c.mode, { key: c.key, tweakKey: c.key2 });
    compare('ciphertext', toHex(c.ciphertext), toHex(aes.encrypt(c.pa, c.plaintext)));
    compare('plaintext', toHex(c.plaintext), toHex(aes.decrypt(c.pa, c.ciphertext)));
    const tweaks = c.tweaks.map(toHex).join('');
    compare('tweaks', tweaks, toHex(aes.tweak(c.pa, tweaks.length / 2)));
    if (c.data_unit !== undefined) compare('data_unit', hex(c.data_unit), hex(pfnOf(c.pa)));
    if (c.page_ciphertext_sha256) {
      const got = sha256(aes.encrypt(pageBase(c.pa), inZeroPages(c.pa, c.plaintext)));
      compare('page_ciphertext_sha256', toHex(c.page_ciphertext_sha256), toHex(got));
    }
  });
}

/** The whole pages round a buffer, every other byte zero. */
function inZeroPages(at: number, bytes: Uint8Array): Uint8Array {
  const offset = at - pageBase(at);
  const pages = new Uint8Array(alignUp(offset + bytes.length, PAGE_SIZE));
  pages.set(bytes, offset);
  return pages;
}

const move = z.object({
  mode,
  key: hexBytes,
  key2: noKey,
  pa_source: address,
  pa_target: address,
  plaintext: hexBytes,
  ciphertext_at_source: hexBytes,
  decrypted_when_copied_unchanged: hexBytes.optional(),
  adjusted_ciphertext: hexBytes.optional(),
  decrypted_when_adjusted: hexBytes.optional(),
});

function runMoves(json: unknown): CaseResult[] {
  return runSection(json, 'move', move, (c, compare) => {
    const aes = new AesEngine(c.mode, { key: c.key, tweakKey: c.key2 });
    const length = c.plaintext.length;
    const ciphertext = aes.encrypt(c.pa_source, c.plaintext);
    const adjusted = xor(ciphertext, aes.tweak(c.pa_source, length), aes.tweak(c.pa_target, length));
    const got = {
      ciphertext_at_source: ciphertext,
      decrypted_when_copied_unchanged: aes.decrypt(c.pa_target, ciphertext),
      adjusted_ciphertext: adjusted,
      decrypted_when_adjusted: aes.decrypt(c.pa_target, adjusted),
    };
    for (const [field, bytes] of Object.entries(got)) {
      const expected = c[field as keyof typeof got];
      if (expected) compare(field, toHex(expected), toHex(bytes));
    }
  });
}

const wrongKey = z.object({
  mode,
  key_written: hexBytes,
  key_read: hexBytes,
  key2: noKey,
  pa: address,
  plaintext: hexBytes,
  ciphertext: hexBytes,
  read_back: hexBytes,
});

function runWrongKeys(json: unknown): CaseResult[] {
  return runSection(json, 'wrong_key', wrongKey, (c, compare) => {
    const ciphertext = new AesEngine(c.mode, { key: c.key_written, tweakKey: c.key2 }).encrypt(
      c.pa,
      c.plaintext,
    );
    const readBack = new AesEngine(c.mode, { key: c.key_read, tweakKey: c.key2 }).decrypt(c.pa, ciphertext);
    compare('ciphertext', toHex(c.ciphertext), toHex(ciphertext));
    compare('read_back', toHex(c.read_back), toHex(readBack));
  });
}

/** The linear tweak has no key, so any engine of that mode knows it. */
const linear = new AesEngine('xex-linear', { key: new Uint8Array(16), tweakKey: NO_KEY });

function runTweaks(json: unknown): CaseResult[] {
  return runSection(json, 'tweak_only', z.object({ pa: address, T: hexBytes }), (c, compare) => {
    compare(`tweak of ${hex(c.pa)}`, toHex(c.T), toHex(linear.tweak(c.pa)));
  });
}

function runTweakWords(json: unknown): CaseResult[] {
  const words = isRecord(json) ? json.tweak_words : undefined;
  if (!isRecord(words)) return [];
  return Object.entries(words).map(([bit, word]) =>
    runCase(`tweak_words ${bit}`, (compare) => {
      const index = z.coerce.number().int().min(0).max(51).parse(bit);
      compare('four times the word', toHex(hexBytes.parse(word)).repeat(4), toHex(linear.tweak(2 ** index)));
    }),
  );
}

/** Memory encryption by mode, in the format of `aes-xex.json`. */
export const memoryEncryption: Recogniser = {
  name: 'memory encryption',
  recognises: (json) =>
    isRecord(json) &&
    (hasEntryWith(json.cases, 'mode', 'pa', 'ciphertext') ||
      hasEntryWith(json.move, 'pa_source', 'pa_target') ||
      hasEntryWith(json.wrong_key, 'key_written', 'key_read') ||
      hasEntryWith(json.tweak_only, 'pa', 'T') ||
      isRecord(json.tweak_words)),
  run: (json) => [
    ...runBlocks(json),
    ...runMoves(json),
    ...runWrongKeys(json),
    ...runTweaks(json),
    ...runTweakWords(json),
  ],
};
