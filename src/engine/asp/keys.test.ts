import { createCipheriv } from 'node:crypto';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../core/change';
import { ENCRYPTION_MODES } from '../core/encryption';
import { HOST_KEY } from '../core/key';
import { BLOBS, plays } from '../testing/arbitrary';
import { Bench } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { kdf } from './crypto/kdf';

const SEED = 77;
const ascii = (text: string) => new TextEncoder().encode(text);

/** Every byte that a history carries, each value apart from the next. */
function record(bench: Bench): string {
  const hex = (bytes: Uint8Array | null) => (bytes ? Buffer.from(bytes).toString('hex') : '');
  const parts = (change: Change): string[] => {
    if (change.store === 'dram') return [hex(change.before), hex(change.after)];
    if (change.store === 'cache') return [hex(change.before?.data ?? null), hex(change.after?.data ?? null)];
    return change.store === 'fact'
      ? [JSON.stringify(change.data), hex(change.bytes)]
      : [JSON.stringify(change)];
  };
  return [
    ...bench.changes.flatMap(parts),
    JSON.stringify(bench.spans),
    JSON.stringify(bench.state.allCells()),
  ].join('\n');
}

/** Every key whose name a record mentions, and what is derived from it; nonces are drawn, too, but go into answers. */
function* keysNamedIn(made: string): Generator<[name: string, hex: string]> {
  const names = new Set([...made.matchAll(/reset \d+ · ([a-z]+) \d+/g)].map(([name]) => name));
  expect([...names].some((name) => name.includes('vek'))).toBe(true);
  for (const name of names) {
    if (name.includes('nonce')) continue;
    for (const part of ['', '/data', '/tweak']) yield [name + part, derived(name + part, 32)];
    const seed = Uint8Array.from(Buffer.from(derived(name, 32), 'hex'));
    const memory = kdf(seed, 'sev-vm-encryption-key-0\0', new Uint8Array(4), 32);
    for (const half of [memory.subarray(0, 16), memory.subarray(16)])
      yield [`${name}, channel 0`, Buffer.from(half).toString('hex')];
  }
}

/** The key of that name as the secure processor derives it, in hexadecimal. */
const derived = (name: string, size: number): string =>
  Buffer.from(hmac(sha256, ascii(`sevscope seed ${SEED}`), ascii(name)).subarray(0, size)).toString('hex');

describe('keys', () => {
  it.each(ENCRYPTION_MODES)(
    'appear in no action result, fact, cell, span, line or DRAM of a play (%s)',
    (encryption) => {
      fc.assert(
        fc.property(plays(), (actions) => {
          const bench = new Bench({ seed: SEED, encryption, generation: 'genoa', memory: 2 ** 22 });
          bench.blobs.set(BLOBS.small, new Uint8Array(5000).fill(9));
          bench.done(createGuest('alice'));
          for (const action of actions) bench.perform(action);
          const made = record(bench);
          for (const [name, hex] of keysNamedIn(made))
            expect(made.includes(hex.slice(0, 32)), name).toBe(false);
        }),
        { numRuns: 4, seed: 1 },
      );
    },
  );

  it('are derived as this test believes', () => {
    const bench = new Bench({ seed: SEED, encryption: 'ecb', generation: 'naples' });
    const { keyId } = bench.state.need('slot');
    const zeros = bench.machine.cipher(HOST_KEY)?.encrypt(0, new Uint8Array(16));
    const key = Uint8Array.from(Buffer.from(derived(`${keyId}/data`, 16), 'hex'));
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    expect(Buffer.from(zeros ?? []).toString('hex')).toBe(cipher.update(new Uint8Array(16)).toString('hex'));
  });

  it('are new after each reset, differ between guests, and come again from the same seed', () => {
    const zeros = new Uint8Array(16);
    const stored = (bench: Bench) =>
      [0, 2, 3].map((slot) => bench.machine.cipher(slot)?.encrypt(0, zeros).join());
    const start = (seed: number) => {
      const bench = new Bench({ seed, memory: 2 ** 22 });
      for (const guest of ['alice', 'bob']) bench.done(createGuest(guest));
      return bench;
    };
    const bench = start(1);
    const first = stored(bench);
    expect(new Set(first).size).toBe(3);
    expect(stored(start(1))).toEqual(first);
    expect(stored(start(2)).some((each) => first.includes(each))).toBe(false);
    for (const action of ['machine.reset', 'machine.reset']) {
      bench.done({ type: action });
      expect([stored(bench)[1], stored(bench)[2]]).toEqual([undefined, undefined]);
      expect(first).not.toContain(stored(bench)[0]);
      first.push(...stored(bench));
    }
  });

  it('are retired with their guest: a new one of the same ASID gets another', () => {
    const bench = new Bench({ memory: 2 ** 22 });
    const slot = () => bench.state.cell('slot', 2)?.keyId;
    const bound = () => bench.state.allCells().filter(([name]) => name.startsWith('handle/'));
    const create = createGuest('alice');
    bench.done(create);
    const old = slot();
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect(bound()).toEqual([]);
    // The firmware leaves the slot as it is (AMD-ASPFW sev_mcmd.c: DEACTIVATE); no guest can be run with it any more.
    expect(slot()).toBe(old);
    expect(bench.refused({ type: 'host.vmrun', guest: 'alice' })).toBe('domain.none');
    expect(bench.done(create).asid).toBe(2);
    expect(slot()).not.toBe(old);
  });
});
