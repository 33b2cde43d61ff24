import { expect, it } from 'vitest';
import { stepPlaces } from './stepPlaces';

it('finds each step and its actions', () => {
  const text = [
    'title: T',
    'steps:',
    '  - title: One',
    '    do:',
    '      - { type: xl.list }',
    '      - type: xl.info',
    '',
    '  # between',
    '  - title: Two',
    '    narration: Nothing happens.',
    '',
  ].join('\n');
  expect(stepPlaces(text)).toEqual([
    {
      line: 3,
      column: 5,
      end: expect.any(Number),
      actions: [
        { line: 5, column: 9 },
        { line: 6, column: 9 },
      ],
    },
    { line: 9, column: 5, end: 10, actions: [] },
  ]);
});

it('finds none where there are none', () => {
  expect(stepPlaces('steps: 1')).toEqual([]);
  expect(stepPlaces('')).toEqual([]);
});
