import { sha384 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../core/bytes';
import { derivedKey, type KeyMix, mixData } from './derivedKey';
import { keyPairFrom } from './ecc';
import { kdf } from './kdf';
import vectors from './vectors/kdf.json';
import { chipKey, hashSticks } from './versionedKey';

const NONE = new Uint8Array(0);

describe('the key derivation function', () => {
  it.each(vectors.kdf)('gives $id', (c) => {
    const order = c.counter_and_length_endianness as 'little' | 'big';
    const of = (end: 'little' | 'big') =>
      toHex(kdf(fromHex(c.key), fromHex(c.label_hex), fromHex(c.context), c.length_bytes, end));
    expect(of(order)).toBe(c.output);
    expect(of(order === 'big' ? 'little' : 'big')).not.toBe(c.output);
  });

  it('takes a label as text or as bytes', () => {
    const key = new Uint8Array(16).fill(3);
    expect(kdf(key, 'sev-kek', NONE, 16)).toEqual(kdf(key, new TextEncoder().encode('sev-kek'), NONE, 16));
  });

  it('counts the length in: a shorter key is not the beginning of a longer one', () => {
    const key = new Uint8Array(16);
    expect(toHex(kdf(key, 'x', NONE, 32))).not.toContain(toHex(kdf(key, 'x', NONE, 16)));
    expect(kdf(key, 'x', NONE, 0)).toHaveLength(0);
  });
});

describe('keys of the chip', () => {
  it.each(vectors.vcek)('$id from its seed and TCB version', (c) => {
    const sticks = hashSticks(fromHex(c.root_seed), c.tcb_bytes);
    expect(sticks.map(toHex)).toEqual(c.all_sticks);
    const key = chipKey(sticks[7] ?? NONE, 'vcek');
    expect([key.secret, key.x, key.y].map(toHex)).toEqual([c.private_d, c.public_x, c.public_y]);
    expect(keyPairFrom(fromHex(c.kdf_output))).toEqual(key);
  });

  it('lead from a newer version to the one before it by hashing on, and not back', () => {
    const [newer, older] = vectors.vcek.map((c) => fromHex(c.stick_7));
    expect(toHex(sha384(newer ?? NONE))).toBe(toHex(older ?? NONE));
    expect(toHex(sha384(older ?? NONE))).not.toBe(toHex(newer ?? NONE));
  });
});

describe('keys that a guest asks for', () => {
  const mixOf = (c: (typeof vectors.derived_key)[number]): KeyMix => ({
    rootKeySelect: c.root_key_select,
    idKeySelect: c.request.idblock_key_select,
    fields: BigInt(c.request.guest_field_select),
    vmpl: c.request.vmpl,
    guestSvn: c.guest.guest_svn,
    tcb: BigInt(c.guest.requested_tcb),
    policy: BigInt(c.guest.policy),
    imageId: fromHex(c.guest.image_id),
    familyId: fromHex(c.guest.family_id),
    measurement: fromHex(c.guest.measurement),
    hostData: fromHex(c.guest.host_data),
    idKey: fromHex(c.guest.idkey),
  });

  it.each(vectors.derived_key)('$id', (c) => {
    expect(toHex(mixData(mixOf(c)))).toBe(c.mix_data);
    expect(toHex(derivedKey(fromHex(c.root_key), mixOf(c)))).toBe(c.derived_key);
  });

  it('depend on a field only when it is selected; on the VMPL and the host’s data always', () => {
    const [c] = vectors.derived_key;
    if (!c) throw new Error('no case');
    const all = { ...mixOf(c), fields: 0x3fn, idKeySelect: 1 };
    const none = { ...all, fields: 0n, idKeySelect: 0 };
    const other = new Uint8Array(48).fill(5);
    const changes: readonly (readonly [Partial<KeyMix>, boolean])[] = [
      [{ policy: 5n }, true],
      [{ imageId: other.subarray(0, 16) }, true],
      [{ familyId: other.subarray(0, 16) }, true],
      [{ measurement: other }, true],
      [{ guestSvn: 5 }, true],
      [{ tcb: 5n }, true],
      [{ idKey: other }, true],
      [{ hostData: other.subarray(0, 32) }, false],
      [{ vmpl: 3 }, false],
    ];
    for (const [change, selectable] of changes) {
      expect(mixData({ ...all, ...change }), Object.keys(change)[0]).not.toEqual(mixData(all));
      const ignored = toHex(mixData({ ...none, ...change })) === toHex(mixData(none));
      expect(ignored, Object.keys(change)[0]).toBe(selectable);
    }
  });
});
