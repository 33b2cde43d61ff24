import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import type { Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { pageState } from '../pageState';
import { regionEntries } from '../table';
import { bare } from '../testing/bare';
import { alice, XEN } from '../testing/contexts';
import { brokenTable } from '../testing/invariants';
import { CODES, type Ended } from './instruction';
import { psmash } from './psmash';
import { pvalidate } from './pvalidate';
import { rmpadjust } from './rmpadjust';
import { rmpquery } from './rmpquery';
import { rmpread } from './rmpread';
import { rmpupdate } from './rmpupdate';

const RUNS = Number(process.env.FUZZ_RUNS ?? 40);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);
const REGION = 2 ** 21;

/** What a register of 64 bits may hold: often where something begins or ends. */
const register = fc.oneof(
  fc.nat(24).map((page) => REGION + page * PAGE_SIZE),
  fc.constantFrom(0, 1, PAGE_SIZE - 1, REGION, 2 * REGION, 16 * 2 ** 20, 2 ** 51, 2 ** 52 - 1, 2 ** 63),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(Number),
);
const byte = fc.nat(0xff);
const state = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc
    .tuple(fc.nat(24), fc.nat(7), fc.nat(4))
    .map(([gfn, flags, asid]) =>
      Uint8Array.from([0, gfn << 4, gfn >>> 4, 0, 0, 0, 0, 0, flags & 1, 0, 0, 0, asid, 0, 0, 0]),
    ),
);
const context = fc
  .record({
    gpa: register,
    spa: register,
    large: fc.boolean(),
    vmpl: fc.nat(3),
    cpl: fc.constantFrom(0, 0, 3),
  })
  .map(({ gpa, spa, large, vmpl, cpl }) => alice({ gpa, spa, large }, { vmpl, cpl }));

type Act = (p: Platform) => Outcome<Ended>;
const flags = fc.boolean();
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(register, state).map(
    ([spa, wanted]): Act =>
      (p) =>
        rmpupdate(p, { spa, state: wanted }, XEN),
  ),
  register.map(
    (spa): Act =>
      (p) =>
        psmash(p, { spa }, XEN),
  ),
  register.map(
    (spa): Act =>
      (p) =>
        rmpread(p, { spa }, XEN),
  ),
  fc.tuple(register, flags, flags, context).map(
    ([gva, large, validated, by]): Act =>
      (p) =>
        pvalidate(p, { gva, large, validated }, by),
  ),
  fc.tuple(register, flags, byte, byte, flags, context).map(
    ([gva, large, target, permissions, vmsa, by]): Act =>
      (p) =>
        rmpadjust(p, { gva, large, target, permissions, vmsa }, by),
  ),
  fc.tuple(register, byte, context).map(
    ([gva, target, by]): Act =>
      (p) =>
        rmpquery(p, { gva, target }, by),
  ),
);

it('any operands: a code or a fault, nothing changes where it is refused, and the table stays whole', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 30 }), (acts) => {
      const p = bare();
      for (const perform of acts) {
        const before = p.changes.length;
        const outcome = perform(p);
        if (outcome.ok) expect(CODES[outcome.value.code]).toBe(outcome.value.eax);
        else expect(outcome.fault.name).toMatch(/^#(UD|GP|PF|NPF|VC)$/);
        if (!outcome.ok || outcome.value.code !== 'SUCCESS')
          expect(p.changes.slice(before).every(({ store }) => store === 'fact')).toBe(true);
      }
      expect([...brokenTable(p)]).toEqual([]);
      for (const entry of regionEntries(p, REGION)) expect(pageState(entry)).toBeTruthy();
    }),
    { numRuns: RUNS, seed: SEED },
  );
}, 60_000);
