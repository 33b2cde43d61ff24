import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeIdAuth, decodeIdBlock, ID_AUTH_BYTES, ID_BLOCK_BYTES, keyDigest } from './idBlock';
import { madeIdBlock } from './testing/idBlocks.node';
import { ID_BLOCK_CHECKS, type IdBlockInput, verifyIdBlock } from './verifyIdBlock';

const { block, auth, idKey, authorKey, launchDigest, policy } = madeIdBlock();
const good: IdBlockInput = { block, auth, authKeyEnabled: true, launchDigest, policy };
const sha384 = (bytes: Uint8Array) => new Uint8Array(createHash('sha384').update(bytes).digest());

const withByte = (bytes: Uint8Array, at: number, xor = 1) => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ xor;
  return copy;
};

describe('an ID block', () => {
  it('has its fields where the format says', () => {
    expect(decodeIdBlock(block)).toEqual({
      launchDigest,
      familyId: new Uint8Array(16).fill(0xfa),
      imageId: new Uint8Array(16).fill(0x1d),
      version: 1,
      guestSvn: 7,
      policy,
    });
    expect(decodeIdAuth(auth)).toMatchObject({ idKeyAlgo: 1, authKeyAlgo: 1, idKey, authorKey });
  });

  it('is accepted with what it expects, and its keys are named by their digests', () => {
    expect(verifyIdBlock(good)).toEqual({
      status: 'SUCCESS',
      check: null,
      identity: {
        block: decodeIdBlock(block),
        idKeyDigest: sha384(idKey),
        authorKeyDigest: sha384(authorKey),
      },
    });
    expect(keyDigest(idKey)).toEqual(sha384(idKey));
  });

  it('needs no author when none is enabled', () => {
    const alone = new Uint8Array(ID_AUTH_BYTES);
    alone.set(auth.subarray(0, 4));
    alone.set(auth.subarray(0x40, 0x644), 0x40);
    const verdict = verifyIdBlock({ ...good, auth: alone, authKeyEnabled: false });
    expect(verdict).toMatchObject({ status: 'SUCCESS', identity: { authorKeyDigest: null } });
    expect(verifyIdBlock({ ...good, auth: alone })).toMatchObject({ status: 'INVALID_PARAM' });
  });
});

/** Changes, in the order in which the firmware finds them. */
const CHANGES: readonly (readonly [string, string, (input: IdBlockInput) => IdBlockInput])[] = [
  ['asp.id-block-digest', 'BAD_MEASUREMENT', (of) => ({ ...of, launchDigest: withByte(launchDigest, 47) })],
  ['asp.id-block-policy', 'POLICY_FAILURE', (of) => ({ ...of, policy: policy ^ (1n << 19n) })],
  ['asp.id-key-algo', 'INVALID_PARAM', (of) => ({ ...of, auth: withByte(of.auth, 4) })],
  ['asp.id-block-signature', 'BAD_SIGNATURE', (of) => ({ ...of, auth: withByte(of.auth, 0x40) })],
  ['asp.id-key-signature', 'BAD_SIGNATURE', (of) => ({ ...of, auth: withByte(of.auth, 0x680) })],
];

describe('an ID block is refused', () => {
  it.each(CHANGES)('by %s with %s', (id, status, change) => {
    expect(verifyIdBlock(change(good))).toMatchObject({ status, check: { id, status }, identity: null });
  });

  it('by the first of several checks that hold', () => {
    fc.assert(
      fc.property(fc.subarray([...CHANGES], { minLength: 1 }), (changes) => {
        const input = changes.reduce((so, [, , change]) => change(so), good);
        expect(verifyIdBlock(input).check?.id).toBe(changes[0]?.[0]);
      }),
    );
    expect(ID_BLOCK_CHECKS.map(({ id }) => id)).toEqual(CHANGES.map(([id]) => id));
  });

  it.each<[string, number, number]>([
    ['of another curve', 0x240, 3],
    ['off the curve', 0x244, 1],
    ['with a coordinate of more than 48 bytes', 0x244 + 48, 1],
  ])('when the ID key is %s', (_, at, xor) => {
    const verdict = verifyIdBlock({ ...good, auth: withByte(auth, at, xor) });
    expect(verdict.check?.id).toBe('asp.id-block-signature');
  });

  it('when the author key is off the curve, and not when no author is enabled', () => {
    const wrong = withByte(auth, 0x884);
    expect(verifyIdBlock({ ...good, auth: wrong }).check?.id).toBe('asp.id-key-signature');
    expect(verifyIdBlock({ ...good, auth: wrong, authKeyEnabled: false }).status).toBe('SUCCESS');
  });

  it('when any of its own bytes is another', () => {
    fc.assert(
      fc.property(fc.nat(ID_BLOCK_BYTES - 1), fc.integer({ min: 1, max: 255 }), (at, xor) => {
        const { status } = verifyIdBlock({ ...good, block: withByte(block, at, xor) });
        const expected = at < 0x30 ? 'BAD_MEASUREMENT' : at < 0x58 ? 'BAD_SIGNATURE' : 'POLICY_FAILURE';
        expect(status).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });
});

const original = fileURLToPath(new URL('../../../../../shared/vectors/asp-commands.json', import.meta.url));

it.skipIf(!existsSync(original))(
  'the order and statuses are those of asp-commands.json (skipped where the shared vectors are absent)',
  () => {
    const { commands } = JSON.parse(readFileSync(original, 'utf8')) as {
      commands: { name: string; checks: { condition: string; error: string }[] }[];
    };
    const finish = commands.find(({ name }) => name === 'SNP_LAUNCH_FINISH');
    const checks = finish?.checks.filter(
      ({ condition, error }) => condition.startsWith('ID_BLOCK_EN') && error !== 'INVALID_ADDRESS',
    );
    expect(checks?.map(({ error }) => error)).toEqual(ID_BLOCK_CHECKS.map(({ status }) => status));
  },
);
