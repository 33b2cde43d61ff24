import { expect, it } from 'vitest';
import { asidSegments, kindOfAsid, SVM_ASIDS, seatGrid, segmentSize } from './space';

it.each([
  [15, 1],
  [509, 10],
  [509, 510],
  [1006, 0],
  [0, 1],
])('ECX %i and EDX %i cut the space without gap or overlap', (ecx, edx) => {
  const segments = asidSegments(ecx, edx);
  expect(segments[0]).toEqual({ kind: 'host', first: 0, last: 0 });
  expect(segments.slice(1).map(({ first }) => first)).toEqual(
    segments.slice(0, -1).map(({ last }) => last + 1),
  );
  expect(segments.map(segmentSize).reduce((a, b) => a + b)).toBe(SVM_ASIDS);
});

it('EDX = 1 leaves nothing for SEV-ES alone', () => {
  expect(asidSegments(15, 1).map((segment) => segment.kind)).toEqual(['host', 'sev', 'no-key']);
});

it('names the segment of one ASID', () => {
  expect([0, 1, 9, 10, 509, 510].map((asid) => kindOfAsid(asid, 509, 10))).toEqual([
    'host',
    'es-only',
    'es-only',
    'sev',
    'sev',
    'no-key',
  ]);
});

it('seats grow when there are few and never vanish', () => {
  expect(seatGrid(16, 900, 6, 40).size).toBe(40);
  const many = seatGrid(1007, 900, 6, 40);
  expect(Math.ceil(1007 / many.columns) * many.size).toBeLessThanOrEqual(900 / 4);
  expect(seatGrid(1007, 10, 6, 40)).toEqual({ columns: 1, size: 6 });
});
