import { z } from 'zod';
import {
  decodeIdAuth,
  decodeIdBlock,
  ID_AUTH_BYTES,
  ID_BLOCK_BYTES,
  keyDigest,
} from '../../engine/asp/snp/idBlock';
import { idBlockSigned, idKeySigned, verifyIdBlock } from '../../engine/asp/snp/verifyIdBlock';
import { hex } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { hexOf, u32, u64 } from './fields';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';
import { sentence } from './tables';

const base64Of = (length: number) =>
  z
    .string()
    .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
    .refine((bytes) => bytes.length === length, `not ${length} bytes`);

const idCase = z.object({
  id_block_base64: base64Of(ID_BLOCK_BYTES),
  id_auth_base64: base64Of(ID_AUTH_BYTES),
  fields: z
    .object({
      launch_digest: hexOf(48),
      family_id: hexOf(16),
      image_id: hexOf(16),
      version: u32,
      guest_svn: u32,
      policy: u64,
    })
    .partial()
    .optional(),
  id_key_algo: u32.optional(),
  auth_key_algo: u32.optional(),
  id_key_digest_sha384: hexOf(48).optional(),
  author_key_digest_sha384: hexOf(48).optional(),
  id_block_signature_valid: z.boolean().nullish(),
  id_key_signature_valid: z.boolean().nullish(),
});

type IdCase = z.infer<typeof idCase>;

function compareFields({ fields, ...c }: IdCase, compare: Compare): void {
  const block = decodeIdBlock(c.id_block_base64);
  const auth = decodeIdAuth(c.id_auth_base64);
  const parts: readonly (readonly [
    string,
    Uint8Array | number | bigint | undefined,
    Uint8Array | number | bigint,
  ])[] = [
    ['fields.launch_digest', fields?.launch_digest, block.launchDigest],
    ['fields.family_id', fields?.family_id, block.familyId],
    ['fields.image_id', fields?.image_id, block.imageId],
    ['fields.version', fields?.version, block.version],
    ['fields.guest_svn', fields?.guest_svn, block.guestSvn],
    ['fields.policy', fields?.policy, block.policy],
    ['id_key_algo', c.id_key_algo, auth.idKeyAlgo],
    ['auth_key_algo', c.auth_key_algo, auth.authKeyAlgo],
    ['id_key_digest_sha384', c.id_key_digest_sha384, keyDigest(auth.idKey)],
    ['author_key_digest_sha384', c.author_key_digest_sha384, keyDigest(auth.authorKey)],
  ];
  const shown = (value: Uint8Array | number | bigint) =>
    value instanceof Uint8Array ? toHex(value) : hex(value);
  for (const [what, expected, got] of parts)
    if (expected !== undefined) compare(what, shown(expected), shown(got));
}

interface Signatures {
  readonly id_block_signature_valid?: boolean | null | undefined;
  readonly id_key_signature_valid?: boolean | null | undefined;
}

function compareSignatures(
  expected: Signatures,
  block: Uint8Array,
  page: Uint8Array,
  compare: Compare,
): void {
  const auth = decodeIdAuth(page);
  const { id_block_signature_valid: blockValid, id_key_signature_valid: keyValid } = expected;
  if (blockValid != null)
    compare('id_block_signature_valid', String(blockValid), String(idBlockSigned(block, auth)));
  if (keyValid != null) compare('id_key_signature_valid', String(keyValid), String(idKeySigned(auth)));
}

/** What SNP_LAUNCH_FINISH answers when the guest is the one that the base case’s ID block expects. */
function finish(base: IdCase, block: Uint8Array, auth: Uint8Array, authKeyEnabled: boolean): string {
  const { launchDigest, policy } = decodeIdBlock(base.id_block_base64);
  return verifyIdBlock({ block, auth, authKeyEnabled, launchDigest, policy }).status;
}

function runCases(json: unknown): CaseResult[] {
  return runSection(json, 'cases', idCase, (c, compare) => {
    const { id_block_base64: block, id_auth_base64: auth } = c;
    compareFields(c, compare);
    compareSignatures(c, block, auth, compare);
    const valid = c.id_block_signature_valid !== false;
    const author = c.id_key_signature_valid === true;
    compare('SNP_LAUNCH_FINISH', valid ? 'SUCCESS' : 'BAD_SIGNATURE', finish(c, block, auth, author));
  });
}

const CHANGES = [
  [/\bblock byte (0x[0-9a-f]+|\d+)(?: xor ([0-9a-f]{1,2}))?/i, 'block'],
  [/\bauth byte (0x[0-9a-f]+|\d+)(?: xor ([0-9a-f]{1,2}))?/i, 'auth'],
] as const;

/** The base’s two parts with the one change that a sentence describes. @throws Error for a sentence of another kind. */
function changed(base: IdCase, what: string): { block: Uint8Array; auth: Uint8Array } {
  const parts = { block: base.id_block_base64.slice(), auth: base.id_auth_base64.slice() };
  for (const [pattern, name] of CHANGES) {
    const [found, at = '', xor = '1'] = pattern.exec(what) ?? [];
    const part = parts[name];
    if (found === undefined) continue;
    if (Number(at) >= part.length) throw new Error(`what: the ${name} has no byte ${at}`);
    part[Number(at)] = (part[Number(at)] ?? 0) ^ Number.parseInt(xor, 16);
    return parts;
  }
  const [, field, before, after] = /^(ID_KEY_ALGO|AUTH_KEY_ALGO) (\d+) -> (\d+)$/.exec(what) ?? [];
  const at = field === 'AUTH_KEY_ALGO' ? 4 : 0;
  if (field === undefined) throw new Error(`what: "${what}" is not known here`);
  if (parts.auth[at] !== Number(before)) throw new Error(`what: ${field} of the base is not ${before}`);
  parts.auth[at] = u32.parse(after);
  return parts;
}

const negative = z.object({
  base: z.string(),
  what: sentence,
  id_block_signature_valid: z.boolean().nullish(),
  id_key_signature_valid: z.boolean().nullish(),
  expected_launch_finish: sentence,
});

/** The statuses without and with AUTH_KEY_EN that a sentence expects. */
function expectedStatuses(text: string): readonly [without: string, enabled: string] {
  const [status = ''] = /^[A-Z_]+/.exec(text) ?? [];
  return /AUTH_KEY_EN = 1, ignored when 0/.test(text) ? ['SUCCESS', status] : [status, status];
}

function runNegatives(json: unknown): CaseResult[] {
  return runSection(json, 'negative', negative, (c, compare) => {
    const list = isRecord(json) && Array.isArray(json.cases) ? json.cases : [];
    const found: unknown = list.find((entry) => isRecord(entry) && entry.id === c.base);
    if (!found) throw new Error(`base: there is no case ${c.base}`);
    const base = idCase.parse(found);
    const { block, auth } = changed(base, c.what);
    compareSignatures(c, block, auth, compare);
    const [without, enabled] = expectedStatuses(c.expected_launch_finish);
    compare('SNP_LAUNCH_FINISH without AUTH_KEY_EN', without, finish(base, block, auth, false));
    compare('SNP_LAUNCH_FINISH with AUTH_KEY_EN', enabled, finish(base, block, auth, true));
  });
}

/** ID blocks with the keys that vouch for them, in the format of `id-block.json`. */
export const idBlocks: Recogniser = {
  name: 'ID blocks',
  recognises: (json) =>
    isRecord(json) &&
    (hasEntryWith(json.cases, 'id_block_base64', 'id_auth_base64') ||
      hasEntryWith(json.negative, 'base', 'what', 'expected_launch_finish')),
  run: (json) => [...runCases(json), ...runNegatives(json)],
};
