import { describe, expect, it } from 'vitest';
import type { SeenExitView, TraceView } from '../../../worker/protocol';
import { frameMark, frameSays, partsAt } from './runs';

const step: SeenExitView = { kind: 'step', retired: 1 };
const code: SeenExitView = { kind: 'page', retired: 0, page: 1, access: 'fetch' };
const stack: SeenExitView = { kind: 'page', retired: 2, page: 2, access: 'write' };
const end: SeenExitView = { kind: 'exit', retired: 0, name: 'HLT' };
const run = (...frames: SeenExitView[]): TraceView => ({ name: 'run', guest: 'alice', frames });

it('says what Xen saw, in words and in a mark', () => {
  expect([code, step, stack, end].map(frameSays)).toEqual([
    'page 1 is run',
    '1 instruction',
    'after 2 instructions: page 2 is written to',
    'HLT',
  ]);
  expect([code, step, stack, end].map(frameMark)).toEqual(['1x', '1', '2w', 'HLT']);
  expect(frameSays({ kind: 'step', retired: 0 })).toBe('no instruction');
});

describe('two runs', () => {
  it('part at the first frame that is not the same', () => {
    expect(partsAt(run(code, step, end), run(code, step, stack, end))).toBe(2);
    expect(partsAt(run(code), run(code, step))).toBe(1);
  });

  it('may be the same', () => {
    expect(partsAt(run(code, stack), run(code, { ...stack }))).toBeNull();
  });
});
