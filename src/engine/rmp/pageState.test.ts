import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packEntry, rmpEntry, unpackEntry } from './entry';
import { entryIn, metadataGpa, pageState } from './pageState';
import { PAGE_STATES } from './types';
import vectors from './vectors/rmp.json';

const CONTEXT = 0x800000;
const OPEN = { Metadata: { gpa: metadataGpa(CONTEXT) } } as const;
const GUESTS = /^(Pre|Guest)-/;

describe('page states', () => {
  it.each(vectors.rmp.pageStates.map(({ name, ...bits }) => ({ name: name.replace(/ \(.*/, ''), bits })))(
    '$name',
    ({ name, bits }) => {
      const state = PAGE_STATES.find((each) => each.toLowerCase() === name.toLowerCase()) as 'Firmware';
      const open = GUESTS.test(state) ? { asid: 3, gpa: 0x4000 } : OPEN[state as keyof typeof OPEN];
      const entry = entryIn(state, open);
      expect(pageState(entry)).toBe(state);
      expect(Number(entry.assigned)).toBe(bits.assigned);
      expect(Number(entry.validated)).toBe(bits.validated);
      expect(Number(entry.immutable)).toBe(bits.immutable);
      expect(entry.asid > 0 ? '>0' : 0).toBe(bits.asid);
    },
  );

  it('knows no entry: the table does not reach so far', () => {
    expect(pageState(null)).toBe('Default');
  });

  it('gives every entry exactly one state', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const entry = unpackEntry(bytes);
        const state = pageState(entry);
        expect(PAGE_STATES).toContain(state);
        if (state === 'Default' || state === 'Invalid') return;
        const { gpa, asid } = entry;
        expect(pageState(entryIn(state, { gpa, asid }))).toBe(state);
      }),
    );
  });

  it.each([
    ['a GPA that software wrote', { assigned: true, immutable: true, gpa: 0x5000 }],
    ['an ASID without assignment', { asid: 3 }],
    ['validated firmware pages', { assigned: true, immutable: true, validated: true }],
    ['a locked page without immutable', { assigned: true, lock: true }],
    ['a metadata page without context', { assigned: true, immutable: true, gpa: metadataGpa(0) }],
  ])('calls %s invalid', (_, fields) => {
    expect(pageState(rmpEntry(fields))).toBe('Invalid');
  });

  it('reads the rest of a large page as Reclaim, and the firmware’s own values', () => {
    expect(pageState(rmpEntry({ assigned: true }))).toBe('Reclaim');
    expect(unpackEntry(packEntry(entryIn('Firmware')))).toEqual(entryIn('Firmware'));
  });
});
