import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import type { Platform } from '../../core/platform';
import type { RmpAccess } from '../access';
import { rmpCheck } from '../check';
import type { RmpEntry } from '../entry';
import { entryIn } from '../pageState';
import { ALL_PERMISSIONS, permissionsOf } from '../permissions';
import { readEntry, writeEntry } from '../table';
import { bare } from '../testing/bare';
import { alice } from '../testing/contexts';
import vectors from '../vectors/rmp.json';
import { rmpadjust } from './rmpadjust';

const PAGE = 2 ** 21 + 5 * PAGE_SIZE;
const GVA = 0x7f0000004000;
const GPA = 0x4000;
const LEVELS = [0, 1, 2, 3];
const fresh = entryIn('Guest-Valid', { asid: 3, gpa: GPA, permissions: ALL_PERMISSIONS });

type Kind = 'read' | 'write' | 'fetch' | 'walk';
const access = (kind: Kind, vmpl: number, user = false): RmpAccess => ({
  actor: 'snp-guest',
  kind,
  c: true,
  asid: 3,
  vmpl,
  user,
  gpa: GPA,
  large: false,
});
const allowed = (entry: RmpEntry, by: RmpAccess): boolean => rmpCheck(entry, by) === null;

describe('what a level may do with a page', () => {
  /** By the names of the table of permission bits: which accesses one bit alone allows. */
  const ALONE: Readonly<Record<string, readonly string[]>> = {
    Read: ['read', 'walk'],
    Write: [],
    'Execute-User (CPL 3)': ['fetch user'],
    'Execute-Supervisor (CPL<3)': ['fetch'],
    'Supervisor-Shadow-Stack': [],
  };
  const ACCESSES = [
    ['read', access('read', 2)],
    ['walk', access('walk', 2)],
    ['write', access('write', 2)],
    ['fetch', access('fetch', 2)],
    ['fetch user', access('fetch', 2, true)],
  ] as const;

  it.each(vectors.rmp.permissionBits)('bit $bit alone, $name', ({ bit, name }) => {
    const entry = { ...fresh, permissions: (1 << bit) << 16 };
    expect(ACCESSES.filter(([, by]) => allowed(entry, by)).map(([what]) => what)).toEqual(ALONE[name]);
  });

  it('write needs read beside it; a mask says nothing of other levels', () => {
    const entry = { ...fresh, permissions: ALL_PERMISSIONS | (0b11 << 16) };
    expect([0, 1, 2, 3].map((vmpl) => allowed(entry, access('write', vmpl)))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

const step = fc.record({
  vmpl: fc.constantFrom(...LEVELS),
  target: fc.constantFrom(...LEVELS, 4),
  permissions: fc.integer({ min: 0, max: 0x1f }),
  vmsa: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const masks = (entry: RmpEntry | null): number[] =>
  LEVELS.map((vmpl) => (entry ? permissionsOf(entry, vmpl) : 0));

/** What a step may have done to the masks and the VMSA bit of the page: the first law that it broke, or null. */
function broken(before: RmpEntry, after: RmpEntry, { vmpl, target, vmsa }: Step): string | null {
  const [old, now] = [masks(before), masks(after)];
  const changed = LEVELS.filter((level) => old[level] !== now[level]);
  if (now[0] !== ALL_PERMISSIONS) return 'VMPL0 lost a permission';
  if (changed.some((level) => level <= vmpl)) return 'a level changed itself or one above';
  if (changed.some((level) => level !== target)) return 'another level than the target changed';
  if (changed.some((level) => ((now[level] ?? 0) & ~(old[vmpl] ?? 0)) !== 0)) return 'more than it had';
  if (before.vmsa !== after.vmsa && (vmpl !== 0 || after.vmsa !== vmsa)) return 'the VMSA bit is VMPL0’s';
  return null;
}

function play(steps: readonly Step[], run: (p: Platform, step: Step) => void): string | null {
  const p = bare();
  writeEntry(p, PAGE, fresh);
  for (const each of steps) {
    const before = readEntry(p, PAGE) ?? fresh;
    run(p, each);
    const wrong = broken(before, readEntry(p, PAGE) ?? fresh, each);
    if (wrong) return wrong;
  }
  return null;
}

describe('RMPADJUST in random play of all levels', () => {
  const steps = fc.array(step, { maxLength: 40 });
  const adjust = (p: Platform, { vmpl, ...operands }: Step): void =>
    void rmpadjust(
      p,
      { gva: GVA, large: false, ...operands },
      alice({ gpa: GPA, spa: PAGE, large: false }, { vmpl }),
    );

  it('gives no level what the one that grants does not have, and changes none above', () => {
    fc.assert(fc.property(steps, (each) => play(each, adjust) === null));
  });

  it('a chain of grants never widens: VMPL3 has at last no more than VMPL0 gave on the way', () => {
    fc.assert(
      fc.property(steps, (each) => {
        let given = 0;
        const wrong = play(each, (p, one) => {
          adjust(p, one);
          if (one.vmpl === 0 && one.target > 0) given |= one.permissions;
          const [, ...below] = masks(readEntry(p, PAGE));
          if (below.some((mask) => (mask & ~given) !== 0)) throw new Error('a permission from nowhere');
        });
        return wrong === null;
      }),
    );
  });

  it.each<[string, (p: Platform, step: Step) => void]>([
    ['a level above', (p, one) => adjust(p, { ...one, vmpl: 0 })],
    [
      'no subset',
      (p, { target, permissions }) => {
        const entry = readEntry(p, PAGE) ?? fresh;
        const shift = 8 * Math.max(1, target % 4);
        writeEntry(p, PAGE, {
          ...entry,
          permissions: (entry.permissions & ~(0xff << shift)) | (permissions << shift),
        });
      },
    ],
  ])('is noticed where the rule is missing: %s', (_, run) => {
    const found = fc.check(fc.property(steps, (each) => play(each, run) === null));
    expect(found.failed).toBe(true);
  });
});
