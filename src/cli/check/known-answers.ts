import { ctr, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { toHex } from '../../engine/core/bytes';
import { AesEngine } from '../../engine/memory/aes';
import { hexBytes } from './fields';
import { type CaseResult, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const ecbCase = z.object({ key: hexBytes, plaintext: hexBytes, ciphertext: hexBytes });

function runEcb(json: unknown): CaseResult[] {
  return runSection(json, 'aes_ecb', ecbCase, (c, compare) => {
    const aes = new AesEngine('ecb', { key: c.key, tweakKey: new Uint8Array(0) });
    compare('ciphertext', toHex(c.ciphertext), toHex(aes.encrypt(0, c.plaintext)));
    compare('plaintext', toHex(c.plaintext), toHex(aes.decrypt(0, c.ciphertext)));
  });
}

function runCtr(json: unknown): CaseResult[] {
  return runSection(json, 'aes_ctr', ecbCase.extend({ iv: hexBytes }), (c, compare) => {
    compare('ciphertext', toHex(c.ciphertext), toHex(ctr(c.key, c.iv).encrypt(c.plaintext)));
    compare('plaintext', toHex(c.plaintext), toHex(ctr(c.key, c.iv).decrypt(c.ciphertext)));
  });
}

const gcmCase = ecbCase.extend({ iv: hexBytes, aad: hexBytes.optional(), tag: hexBytes });

function runGcm(json: unknown): CaseResult[] {
  return runSection(json, 'aes_gcm', gcmCase, (c, compare) => {
    const sealed = gcm(c.key, c.iv, c.aad).encrypt(c.plaintext);
    const split = sealed.length - 16;
    compare('ciphertext', toHex(c.ciphertext), toHex(sealed.subarray(0, split)));
    compare('tag', toHex(c.tag), toHex(sealed.subarray(split)));
    const opened = gcm(c.key, c.iv, c.aad).decrypt(concatBytes(c.ciphertext, c.tag));
    compare('plaintext', toHex(c.plaintext), toHex(opened));
  });
}

const HASHES = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 };

/** No input of a hash is longer than this many bytes, so that a few characters cannot ask for all memory. */
const LONGEST_INPUT = 16 * 1024 * 1024;

/** Bytes as hexadecimal digits, or a pattern and how often it stands: `00 x 4096`. */
const repeatedBytes = z
  .string()
  .transform((text) => {
    const [, pattern = text, count = '1'] = /^(\S*) x (\d+)$/.exec(text) ?? [];
    return { pattern, count: Number(count) };
  })
  .refine(
    ({ pattern, count }) => (pattern.length / 2) * count <= LONGEST_INPUT,
    `longer than ${LONGEST_INPUT} bytes`,
  )
  .transform(({ pattern, count }) => pattern.repeat(count))
  .pipe(hexBytes);

const hashCase = z.object({
  alg: z.string(),
  key: hexBytes.optional(),
  input_hex: repeatedBytes,
  output: hexBytes,
});

function runHashes(json: unknown): CaseResult[] {
  return runSection(json, 'hash', hashCase, (c, compare) => {
    const keyed = c.alg.startsWith('HMAC-');
    const hash = HASHES[c.alg.replace('HMAC-', '') as keyof typeof HASHES];
    if (!hash) throw new Error(`alg: "${c.alg}" is not known here`);
    if (keyed && !c.key) throw new Error('key: missing');
    compare(
      'output',
      toHex(c.output),
      toHex(keyed && c.key ? hmac(hash, c.key, c.input_hex) : hash(c.input_hex)),
    );
  });
}

/** Published known answers of the primitives, in the format of `aes-kat.json`. */
export const knownAnswers: Recogniser = {
  name: 'known answers of AES, GCM, SHA and HMAC',
  recognises: (json) =>
    isRecord(json) &&
    (hasEntryWith(json.aes_ecb, 'plaintext') ||
      hasEntryWith(json.aes_ctr, 'iv') ||
      hasEntryWith(json.aes_gcm, 'tag') ||
      hasEntryWith(json.hash, 'alg')),
  run: (json) => [...runEcb(json), ...runCtr(json), ...runGcm(json), ...runHashes(json)],
};
