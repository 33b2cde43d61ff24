import { describe, expect, it } from 'vitest';
import { PAGE_SIZE, spa as toSpa } from '../../core/address';
import { toHex } from '../../core/bytes';
import type { Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { pagesOfAsid } from '../counters';
import { EMPTY, PLACEHOLDER } from '../entry';
import { entryIn, pageState } from '../pageState';
import { packRecord, type RmpRecord } from '../record';
import { authoritative, readEntry, regionEntries, writeEntry } from '../table';
import { bare } from '../testing/bare';
import { XEN } from '../testing/contexts';
import { REFUSALS, type Refusal } from '../testing/refusals';
import type { Ended } from './instruction';
import { psmash } from './psmash';
import { rmpread } from './rmpread';
import { rmpupdate } from './rmpupdate';

const REGION = 2 ** 21;
const PAGE = REGION + 5 * PAGE_SIZE;
const GUEST: RmpRecord = {
  gpa: 0x4000,
  assigned: true,
  large: false,
  regionAssigned: false,
  immutable: false,
  asid: 3,
};
const LARGE = { ...GUEST, large: true, gpa: 4 * REGION };
const NOBODY = { ...GUEST, assigned: false, asid: 0, gpa: 0 };

/** The code, or the name of the fault. */
const end = (outcome: Outcome<Ended>): string => (outcome.ok ? outcome.value.code : outcome.fault.name);
const update = (p: Platform, spa: number, record: RmpRecord, context = XEN): string =>
  end(rmpupdate(p, { spa, state: packRecord(record) }, context));

const each = (of: Refusal['of']): void =>
  it.each(REFUSALS.filter((refusal) => refusal.of === of))('$name: refused', ({ expected, tried }) => {
    expect(tried()).toEqual({ end: expected, changed: false });
  });

describe('RMPUPDATE', () => {
  it('gives a page to a guest: not validated, all to VMPL0, nothing to the others', () => {
    const p = bare();
    expect(update(p, PAGE, GUEST)).toBe('SUCCESS');
    expect(readEntry(p, PAGE)).toEqual(entryIn('Guest-Invalid', { asid: 3, gpa: 0x4000, permissions: 0x1f }));
    expect(readEntry(p, REGION)?.subPageCount).toBe(1);
    expect(pagesOfAsid(p, 3)).toBe(1);
    expect(update(p, PAGE, NOBODY)).toBe('SUCCESS');
    expect(regionEntries(p, REGION)).toEqual(Array(512).fill(EMPTY));
    expect(pagesOfAsid(p, 3)).toBe(0);
  });

  it('gives 2 MiB as one entry', () => {
    const p = bare();
    expect(update(p, REGION, LARGE)).toBe('SUCCESS');
    expect(authoritative(p, PAGE)).toMatchObject({ large: true, gpa: 4 * REGION, subPageCount: 0 });
    expect(readEntry(p, PAGE)).toEqual(PLACEHOLDER);
    expect(update(p, REGION, { ...NOBODY, large: true })).toBe('SUCCESS');
    expect(regionEntries(p, REGION)).toEqual(Array(512).fill(EMPTY));
  });

  const valid = entryIn('Guest-Valid', { asid: 3, gpa: 0x4000, permissions: 0x11f, vmsa: true });
  it.each([
    ['GPA', { gpa: 0x5000 }],
    ['ASID', { asid: 4 }],
  ])('clears validated, VMSA and permissions when the %s changes', (_, fields) => {
    const p = bare();
    writeEntry(p, PAGE, valid);
    expect(update(p, PAGE, { ...GUEST, ...fields })).toBe('SUCCESS');
    expect(readEntry(p, PAGE)).toEqual(
      entryIn('Guest-Invalid', { asid: 3, gpa: 0x4000, permissions: 0x1f, ...fields }),
    );
  });

  it('clears them when the page goes and comes back', () => {
    const p = bare();
    writeEntry(p, PAGE, valid);
    update(p, PAGE, NOBODY);
    update(p, PAGE, GUEST);
    expect(readEntry(p, PAGE)?.validated).toBe(false);
  });

  it('keeps them when only Immutable flips: that is how Pre-Swap comes about', () => {
    const p = bare();
    writeEntry(p, PAGE, valid);
    expect(update(p, PAGE, { ...GUEST, immutable: true })).toBe('SUCCESS');
    expect(readEntry(p, PAGE)).toEqual({ ...valid, immutable: true });
    expect(pageState(readEntry(p, PAGE))).toBe('Pre-Swap');
    expect(update(p, PAGE, NOBODY)).toBe('FAIL_PERMISSION');
  });

  it('drops every translation to the page, and no other', () => {
    const p = bare();
    const entry = (target: number, size: number, born: number) => ({
      asid: 3,
      page: 0x1000,
      size,
      target: toSpa(target),
      gpa: 0,
      c: true,
      nestedC: false,
      writable: true,
      born,
    });
    for (const [slot, after] of [
      ['small', entry(PAGE, PAGE_SIZE, 1)],
      ['large', entry(REGION, REGION, 0)],
      ['other', entry(PAGE + PAGE_SIZE, PAGE_SIZE, 2)],
    ] as const)
      p.trace.emit({ store: 'tlb', core: 1, slot, before: null, after });
    update(p, PAGE, GUEST);
    expect([...(p.state.tlbs[1]?.keys() ?? [])]).toEqual(['other']);
  });

  each('RMPUPDATE');

  it('a reserved bit: refused', () => {
    for (const [offset, bit] of [
      [0, 1],
      [7, 0x80],
      [8, 2],
      [9, 4],
      [10, 2],
      [11, 1],
      [14, 1],
    ] as const) {
      const p = bare();
      const state = packRecord(GUEST);
      state[offset] = (state[offset] ?? 0) | bit;
      expect([offset, end(rmpupdate(p, { spa: PAGE, state }, XEN))]).toEqual([offset, 'FAIL_INPUT']);
    }
  });

  it('a page that a running vCPU uses: refused until it exits', () => {
    const p = bare();
    const domain = { vmcbs: [PAGE] } as never;
    p.trace.set('domain', 1, domain);
    p.trace.set('core', 1, { domain: 1, vcpu: 0, es: true, vmsa: PAGE + PAGE_SIZE } as never);
    expect(update(p, PAGE, GUEST)).toBe('FAIL_INUSE');
    expect(update(p, PAGE + PAGE_SIZE, GUEST)).toBe('FAIL_INUSE');
    expect(update(p, REGION, LARGE)).toBe('FAIL_INUSE');
    expect(update(p, PAGE + 2 * PAGE_SIZE, GUEST)).toBe('SUCCESS');
    p.trace.set('core', 1, { domain: null, vcpu: 0 } as never);
    expect(update(p, PAGE, GUEST)).toBe('SUCCESS');
  });

  it('says which check decided, and with what', () => {
    const p = bare();
    update(p, PAGE, { ...GUEST, asid: 1024 });
    expect(p.changes.at(-1)).toMatchObject({
      what: 'check',
      rule: { id: 'rmpupdate.input' },
      data: { instruction: 'RMPUPDATE', at: 5, of: 9, end: 'FAIL_INPUT' },
    });
  });
});

describe('PSMASH', () => {
  it('splits 2 MiB; what the guest has accepted stays accepted', () => {
    const p = bare();
    const valid = entryIn('Guest-Valid', { asid: 3, gpa: 4 * REGION, permissions: 0x11f, large: true });
    writeEntry(p, REGION, valid);
    expect(end(psmash(p, { spa: REGION }, XEN))).toBe('SUCCESS');
    const entries = regionEntries(p, REGION);
    expect(entries[0]).toEqual({ ...valid, large: false, subPageCount: 511 });
    expect(entries[5]).toEqual({ ...valid, large: false, gpa: 4 * REGION + 5 * PAGE_SIZE });
  });

  each('PSMASH');
});

describe('RMPREAD', () => {
  const read = (p: Platform, spa: number, context = XEN) => rmpread(p, { spa }, context);

  it('tells assigned, GPA, size, immutable and ASID, and nothing of validation', () => {
    const p = bare();
    writeEntry(p, PAGE, entryIn('Guest-Valid', { asid: 3, gpa: 0x12345000, permissions: 0x1f, vmsa: true }));
    const outcome = read(p, PAGE);
    expect(outcome.ok && toHex(outcome.value.record ?? new Uint8Array())).toBe(
      '00503412000000000102000003000000',
    );
    const empty = read(p, REGION);
    expect(empty.ok && toHex(empty.value.record ?? new Uint8Array())).toBe(
      '00000000000000000002000000000000',
    );
    const other = read(p, 2 * REGION);
    expect(other.ok && toHex(other.value.record ?? new Uint8Array())).toBe('00'.repeat(16));
  });

  it('is refused elsewhere', () => {
    expect(end(read(bare({ generation: 'genoa' }), PAGE))).toBe('#UD');
    expect(end(read(bare(), PAGE, { ...XEN, longMode: false }))).toBe('#UD');
    expect(end(read(bare(), PAGE, { ...XEN, cpl: 1 }))).toBe('#GP');
    expect(end(read(bare(), PAGE, { ...XEN, asid: 1 }))).toBe('FAIL_PERMISSION');
    expect(end(read(bare(), 2 ** 40))).toBe('FAIL_INPUT');
  });
});
