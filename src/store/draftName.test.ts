import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileName, freeName } from './draftName';

it.each([
  ['title: Cold boot\nsummary: S', 'cold-boot.scenario.yaml'],
  [
    '# first\ntitle: "SEVered: a page put in another’s place"',
    'severed-a-page-put-in-another-s-place.scenario.yaml',
  ],
  ['title: ../../etc/passwd', 'etc-passwd.scenario.yaml'],
  ['title: ""', 'my.scenario.yaml'],
  ['summary: S', 'my.scenario.yaml'],
])('%j is handed out as %s', (text, name) => {
  expect(fileName(text)).toBe(name);
});

it('a name is plain whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(fileName(`title: ${text}`)).toMatch(/^[a-z0-9][a-z0-9-]{0,59}\.scenario\.yaml$/);
    }),
  );
});

it('a free name is one that no draft has', () => {
  const drafts = ['a.scenario.yaml', 'a-2.scenario.yaml'].map((name) => ({ name }));
  expect(freeName('a.scenario.yaml', drafts)).toBe('a-3.scenario.yaml');
  expect(freeName('b.scenario.yaml', drafts)).toBe('b.scenario.yaml');
});
