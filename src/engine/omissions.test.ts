import fc from 'fast-check';
import { expect, it } from 'vitest';
import { COMMANDS } from './asp/commands';
import { completeConfig } from './config';
import { OMITTED_CHECKS } from './core/omissions';
import type { RmpAccess } from './rmp/access';
import { RMP_ROWS, rmpCheck, rmpCheckOn, rowOf } from './rmp/check';
import { rmpEntry } from './rmp/entry';
import { ladder } from './rmp/ladder';

const accesses: fc.Arbitrary<RmpAccess> = fc.record({
  actor: fc.constantFrom('host', 'guest', 'snp-guest', 'snp-guest', 'device'),
  kind: fc.constantFrom('read', 'write', 'fetch', 'walk'),
  c: fc.boolean(),
  asid: fc.constantFrom(3, 4),
  vmpl: fc.nat(3),
  user: fc.boolean(),
  gpa: fc.constantFrom(0x4000, 0x5000),
  large: fc.boolean(),
});
const entries = fc.option(
  fc
    .record({
      assigned: fc.boolean(),
      large: fc.boolean(),
      immutable: fc.boolean(),
      gpa: fc.constantFrom(0x4000, 0x5000),
      asid: fc.constantFrom(0, 3, 4),
      validated: fc.boolean(),
      permissions: fc.nat(2 ** 32 - 1),
    })
    .map(rmpEntry),
);

it('names only rules that the machine asks', () => {
  const asked = new Set([
    ...Object.values(RMP_ROWS).flatMap(({ steps }) => steps.map(({ check }) => check.rule.id)),
    ...Object.values(COMMANDS).flatMap(({ checks }) => checks.map(({ id }) => id)),
  ]);
  for (const id of OMITTED_CHECKS) expect(asked, id).toContain(id);
});

it('leaves out one check of the RMP and no other', () => {
  fc.assert(
    fc.property(
      entries,
      accesses,
      fc.constantFrom(undefined, ...OMITTED_CHECKS),
      (entry, access, without) => {
        const failed = rowOf(access).steps.find(
          ({ check }) => check.rule.id !== without && !check.holds(entry, access),
        );
        const step = rmpCheckOn(completeConfig({ without }), entry, access);
        expect(step?.check.rule.id).toBe(failed?.check.rule.id);
        if (without === undefined) expect(step).toBe(rmpCheck(entry, access));
        expect(ladder(entry, access, without).end).toBe(step?.raises ?? 'allowed');
      },
    ),
  );
});
