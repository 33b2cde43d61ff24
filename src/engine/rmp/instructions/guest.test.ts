import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import type { Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { type RmpEntry, rmpEntry } from '../entry';
import { entryIn } from '../pageState';
import { permissionsOf } from '../permissions';
import { readEntry, writeEntry } from '../table';
import { bare } from '../testing/bare';
import { alice } from '../testing/contexts';
import { REFUSALS, type Refusal } from '../testing/refusals';
import type { GuestContext, Mapping } from './guest';
import type { Ended } from './instruction';
import { pvalidate } from './pvalidate';
import { rmpadjust } from './rmpadjust';
import { rmpquery } from './rmpquery';

const REGION = 2 ** 21;
const PAGE = REGION + 5 * PAGE_SIZE;
const GVA = 0x7f0000004000;
const SMALL: Mapping = { gpa: 0x4000, spa: PAGE, large: false };
const BIG: Mapping = { gpa: 4 * REGION, spa: REGION, large: true };
const fresh = entryIn('Guest-Invalid', { asid: 3, gpa: 0x4000, permissions: 0x1f });
const valid: RmpEntry = { ...fresh, validated: true };
const big: RmpEntry = { ...fresh, large: true, gpa: BIG.gpa };

/** The code, with CF where there is one, or the name of the fault. */
const end = (outcome: Outcome<Ended & { readonly carry?: boolean }>): string =>
  outcome.ok ? `${outcome.value.code}${outcome.value.carry ? ' CF' : ''}` : outcome.fault.name;

function at(entry: RmpEntry, spa = PAGE): Platform {
  const p = bare();
  writeEntry(p, spa, entry);
  return p;
}

const each = (of: Refusal['of']): void =>
  it.each(REFUSALS.filter((refusal) => refusal.of === of))('$name: refused', ({ expected, tried }) => {
    expect(tried()).toEqual({ end: expected, changed: false });
  });

describe('PVALIDATE', () => {
  const validate = (
    p: Platform,
    context: GuestContext = alice(SMALL),
    operands: { gva?: number; large?: boolean; validated?: boolean } = {},
  ) => pvalidate(p, { gva: GVA, large: false, validated: true, ...operands }, context);

  it('accepts a page once; CF tells that nothing has changed', () => {
    const p = at(fresh);
    expect(end(validate(p))).toBe('SUCCESS');
    expect(readEntry(p, PAGE)).toEqual(valid);
    expect(end(validate(p))).toBe('SUCCESS CF');
    expect(end(validate(p, alice(SMALL), { validated: false }))).toBe('SUCCESS');
    expect(readEntry(p, PAGE)).toEqual(fresh);
  });

  it('leaves the bytes of the page as they are', () => {
    const p = at(fresh);
    validate(p);
    expect(p.state.dram.pages.has(PAGE / PAGE_SIZE)).toBe(false);
  });

  it('accepts 2 MiB in one', () => {
    const p = at(big, REGION);
    expect(end(validate(p, alice(BIG), { gva: 0, large: true }))).toBe('SUCCESS');
    expect(readEntry(p, REGION)).toEqual({ ...big, validated: true });
  });

  it('does not notice a second page for the same GPA: that is the guest’s own duty', () => {
    const p = at(valid);
    writeEntry(p, 2 * REGION, fresh);
    expect(end(validate(p, alice({ ...SMALL, spa: 2 * REGION })))).toBe('SUCCESS');
    expect([PAGE, 2 * REGION].map((spa) => readEntry(p, spa)?.validated)).toEqual([true, true]);
  });

  each('PVALIDATE');

  it('4 KiB of a page of 2 MiB: the hypervisor is to split it', () => {
    const outcome = validate(
      at(big, REGION),
      alice({ gpa: BIG.gpa + 5 * PAGE_SIZE, spa: PAGE, large: true }),
    );
    // P, U, RMP, final, ENC, SIZEM.
    expect(!outcome.ok && outcome.fault.inputs.exitInfo1).toBe(0b101 + 2 ** 31 + 2 ** 32 + 2 ** 34 + 2 ** 35);
  });

  it('2 MiB of a page of 4 KiB: the guest is to try smaller ones, and CF is clear', () => {
    const p = at({ ...fresh, gpa: BIG.gpa, validated: true }, REGION);
    expect(end(validate(p, alice(BIG), { gva: 0, large: true }))).toBe('FAIL_SIZEMISMATCH');
    const nested = alice({ ...BIG, large: false });
    expect(end(validate(at(big, REGION), nested, { gva: 0, large: true }))).toBe('FAIL_SIZEMISMATCH');
  });

  it('walks once, and not before its operands are right', () => {
    let walks = 0;
    const counting = alice(SMALL, {
      translate: () => {
        walks++;
        return { ok: true, value: SMALL };
      },
    });
    validate(at(fresh), { ...counting, cpl: 3 });
    expect(walks).toBe(0);
    validate(at(fresh), counting);
    expect(walks).toBe(1);
  });
});

describe('RMPADJUST', () => {
  const adjust = (
    p: Platform,
    context: GuestContext = alice(SMALL),
    operands: Partial<Parameters<typeof rmpadjust>[1]> = {},
  ) =>
    rmpadjust(p, { gva: GVA, large: false, target: 1, permissions: 0b11, vmsa: false, ...operands }, context);
  const masks = (p: Platform) =>
    [0, 1, 2, 3].map((level) => permissionsOf(readEntry(p, PAGE) ?? rmpEntry({}), level));

  it('grants a less privileged VMPL what it says', () => {
    const p = at(valid);
    expect(end(adjust(p))).toBe('SUCCESS');
    expect(masks(p)).toEqual([0x1f, 0b11, 0, 0]);
    expect(end(adjust(p, alice(SMALL, { vmpl: 1 }), { target: 2, permissions: 0b1 }))).toBe('SUCCESS');
    expect(masks(p)).toEqual([0x1f, 0b11, 0b1, 0]);
    expect(end(adjust(p, alice(SMALL), { permissions: 0 }))).toBe('SUCCESS');
    expect(masks(p)).toEqual([0x1f, 0, 0b1, 0]);
  });

  it('makes a page a VMSA from VMPL0, and leaves the bit alone from others', () => {
    const p = at(valid);
    adjust(p, alice(SMALL), { vmsa: true });
    expect(readEntry(p, PAGE)?.vmsa).toBe(true);
    adjust(p, alice(SMALL, { vmpl: 1 }), { target: 2, permissions: 0, vmsa: false });
    expect(readEntry(p, PAGE)?.vmsa).toBe(true);
    adjust(p, alice(SMALL), { vmsa: false });
    expect(readEntry(p, PAGE)?.vmsa).toBe(false);
  });

  it('leaves translations in the TLBs, unlike the others', () => {
    const p = at(valid);
    const after = { asid: 3, page: GVA, size: PAGE_SIZE, target: PAGE as never, gpa: 0x4000 };
    const entry = { ...after, c: true, nestedC: false, writable: true, born: 0 };
    p.trace.emit({ store: 'tlb', core: 0, slot: 'x', before: null, after: entry });
    adjust(p);
    expect(p.state.tlbs[0]?.size).toBe(1);
    pvalidate(p, { gva: GVA, large: false, validated: false }, alice(SMALL));
    expect(p.state.tlbs[0]?.size).toBe(0);
  });

  each('RMPADJUST');

  it('2 MiB of 4 KiB, once it is accepted', () => {
    const operands = { gva: 0, large: true };
    expect(end(adjust(at({ ...valid, gpa: BIG.gpa }, REGION), alice(BIG), operands))).toBe(
      'FAIL_SIZEMISMATCH',
    );
    expect(end(adjust(at({ ...fresh, gpa: BIG.gpa }, REGION), alice(BIG), operands))).toBe('#VC');
  });
});

describe('RMPQUERY', () => {
  it('tells permissions, the VMSA bit and the size', () => {
    const p = at({ ...valid, permissions: 0x00_01_03_1f, vmsa: true });
    const outcome = rmpquery(p, { gva: GVA, target: 1 }, alice(SMALL));
    expect(outcome).toMatchObject({
      ok: true,
      value: { code: 'SUCCESS', found: { permissions: 3, vmsa: true, large: false } },
    });
  });

  each('RMPQUERY');

  it('is unknown to Milan, and a page that is not accepted raises #VC', () => {
    expect(end(rmpquery(bare({ generation: 'milan' }), { gva: GVA, target: 1 }, alice(SMALL)))).toBe('#UD');
    expect(end(rmpquery(at(fresh), { gva: GVA, target: 1 }, alice(SMALL)))).toBe('#VC');
  });
});
