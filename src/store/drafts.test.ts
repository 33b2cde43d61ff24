import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LONGEST_DRAFT, readDraft } from './drafts';

const DRAFT = { at: 1, name: 'mine.yaml', text: 'title: T', from: null };

it('takes a draft as it was kept', () => {
  expect(readDraft(DRAFT)).toEqual(DRAFT);
  expect(readDraft({ ...DRAFT, from: 'cold-boot', more: 1 })).toEqual({ ...DRAFT, from: 'cold-boot' });
});

it.each([
  ['no name', { ...DRAFT, name: undefined }],
  ['a long name', { ...DRAFT, name: 'x'.repeat(129) }],
  ['no text', { ...DRAFT, text: 7 }],
  ['a text beyond all bounds', { ...DRAFT, text: 'x'.repeat(LONGEST_DRAFT + 1) }],
  ['no time', { ...DRAFT, at: 'now' }],
  ['another origin', { ...DRAFT, from: 3 }],
])('leaves what has %s', (_, stored) => {
  expect(readDraft(stored)).toBeNull();
});

it('never throws', () => {
  fc.assert(fc.property(fc.anything(), (stored) => void readDraft(stored)));
});
