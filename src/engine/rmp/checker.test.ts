import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { RmpAccess } from './access';
import { rmpCheck } from './check';
import { rmpChecker } from './checker';
import { entryFor } from './consult';
import { ENTRY_BYTES, type RmpEntry, unpackEntry } from './entry';
import { EntryView } from './entryView';
import { entryPlace } from './table';
import { bare } from './testing/bare';

const bytes = fc.uint8Array({ minLength: ENTRY_BYTES, maxLength: ENTRY_BYTES });
const access: fc.Arbitrary<RmpAccess> = fc.record({
  actor: fc.constantFrom('host', 'guest', 'snp-guest', 'device', 'firmware'),
  kind: fc.constantFrom('read', 'write', 'fetch', 'walk', 'update'),
  c: fc.boolean(),
  asid: fc.nat(3),
  vmpl: fc.nat(3),
  user: fc.boolean(),
  gpa: fc.nat(1024).map((page) => page * PAGE_SIZE),
  large: fc.boolean(),
});

describe('EntryView', () => {
  it('reads what unpackEntry reads', () => {
    const view = new EntryView();
    fc.assert(
      fc.property(bytes, fc.nat(3), (entry, at) => {
        const table = new Uint8Array(4 * ENTRY_BYTES);
        table.set(entry, at * ENTRY_BYTES);
        const expected = unpackEntry(entry);
        view.look(new Int32Array(table.buffer), (at * ENTRY_BYTES) / 4);
        for (const name of Object.keys(expected) as (keyof RmpEntry)[])
          expect(view[name]).toBe(expected[name]);
      }),
    );
  });
});

describe('rmpChecker', () => {
  it('agrees with a look at each entry, whatever bytes the table holds', () => {
    const spa = fc.constantFrom(0, 1, 5, 511).map((page) => LARGE_PAGE_SIZE + page * PAGE_SIZE);
    const place = fc.oneof(spa, fc.constantFrom(15 * 2 ** 20, 16 * 2 ** 20, 2 ** 40));
    fc.assert(
      fc.property(fc.array(fc.tuple(spa, bytes)), fc.array(fc.tuple(place, access)), (writes, asks) => {
        const p = bare();
        const check = rmpChecker(p);
        for (const [at, entry] of writes) p.state.dram.write(entryPlace(p, at) ?? 0, entry);
        for (const [at, of] of asks) expect(check(at, of)).toBe(rmpCheck(entryFor(p, at, of), of));
      }),
    );
  });

  it('lets everything through before SNP is enabled', () => {
    const p = bare({ snpEnabled: false });
    const [of] = fc.sample(access, 1);
    if (of) expect(rmpChecker(p)(0, { ...of, actor: 'snp-guest' })).toBeNull();
  });
});
