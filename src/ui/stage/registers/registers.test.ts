import { describe, expect, test } from 'vitest';
import type {
  ExitRecord,
  ExitStep,
  GhcbFieldView,
  GhcbView,
  ProgramView,
  SpanView,
} from '../../../worker/protocol';
import { draftOf } from './draft';
import { exitAt, stepAt } from './exits';
import { ghcbRows, ghcbWords } from './ghcbRows';
import { outcomeWords } from './outcome';
import { byteGroups, digitGroups } from './words';

describe('digits', () => {
  test('lose their leading zeros and break into eights from the right', () => {
    expect(digitGroups('0000000000000000')).toEqual(['0']);
    expect(digitGroups('0000000000000072')).toEqual(['72']);
    expect(digitGroups('00007f0000006000')).toEqual(['7f00', '00006000']);
    expect(digitGroups('0123456789abcdef')).toEqual(['1234567', '89abcdef']);
  });

  test('bytes keep every digit', () => {
    expect(byteGroups('0000000000000001')).toEqual(['00000000', '00000001']);
  });
});

const record = (id: number, start: number, end: number): ExitRecord => ({
  id,
  action: 0,
  start,
  end,
  name: 'CPUID',
  way: 'plain',
  refused: false,
});

describe('the exit at the cursor', () => {
  const records = [record(3, 10, 20), record(8, 30, 40)];
  const around = (id: number): SpanView[] => [{ id } as SpanView];

  test('is the last one before it', () => {
    expect(exitAt(records, [], 5)).toBeNull();
    expect(exitAt(records, [], 20)?.id).toBe(3);
    expect(exitAt(records, [], 30)?.id).toBe(3);
    expect(exitAt(records, [], 31)?.id).toBe(8);
  });

  test('is the one that it stands in, also at its first change', () => {
    expect(exitAt(records, around(8), 30)?.id).toBe(8);
  });

  test('its steps are done when they have ended', () => {
    const step = (start: number, at: number) => ({ start, at }) as ExitStep;
    const steps = [step(10, 10), step(10, 14), step(14, 18)];
    expect(stepAt(steps, 10)).toBe(-1);
    expect(stepAt(steps, 13)).toBe(0);
    expect(stepAt(steps, 14)).toBe(1);
    expect(stepAt(steps, 40)).toBe(2);
  });
});

describe('the GHCB over its bytes', () => {
  const field = (name: string, offset: number, size: number, valid: boolean | null): GhcbFieldView => ({
    name,
    label: name,
    offset,
    size,
    help: '',
    value: null,
    valid,
    changed: false,
  });
  const bytes = new Uint8Array(4096);
  bytes[0x800] = 0x68;
  bytes[0x10] = 1;
  const view = {
    bytes,
    fields: [
      field('rax', 0x1f8, 8, true),
      field('rcx', 0x308, 8, false),
      field('buffer', 0x800, 2032, null),
      field('version', 0xffa, 2, null),
    ],
  } as unknown as GhcbView;

  test('rows are the fields, and whatever else is not zero', () => {
    expect(ghcbRows(view).map(({ offset, field: of }) => [offset, of?.name ?? null])).toEqual([
      [0x10, null],
      [0x1f8, 'rax'],
      [0x308, 'rcx'],
      [0x800, 'buffer'],
      [0xffa, 'version'],
    ]);
  });

  test('the picture tells valid fields from others', () => {
    const words = ghcbWords(view);
    expect(words).toHaveLength(512);
    expect([0x1f8, 0x308, 0x800, 0x808, 0x400].map((offset) => words[offset / 8])).toEqual([
      'valid',
      'field',
      'data',
      'area',
      'none',
    ]);
  });
});

describe('a draft', () => {
  const text = '; nothing\ncpuid\nfrob';
  const errors = [{ line: 3, column: 1, message: 'There is no instruction called frob.' }];

  test('has errors at their lines', () => {
    const { lines } = draftOf(text, { lines: [], errors }, null);
    expect(lines.map((line) => line.errors.length)).toEqual([0, 0, 1]);
  });

  test('has the assembler’s bytes, and those that the guest fetches once it is loaded', () => {
    const assembly = { lines: [{ line: 2, offset: 0, bytes: '0fa2' }], errors: [] };
    expect(draftOf('; x\ncpuid', assembly, null).lines[1]?.code).toEqual({ offset: 0, bytes: '0fa2' });
    const loaded = {
      lines: [
        { line: 2, address: 0x7f0000001000, bytes: 'ffff' },
        { line: 3, address: 0x7f0000001002, bytes: 'f4' },
      ],
    } as unknown as ProgramView;
    expect(draftOf('; x\ncpuid\nhlt', assembly, loaded).lines.map(({ code }) => code)).toEqual([
      null,
      { offset: 0, bytes: 'ffff' },
      { offset: 2, bytes: 'f4' },
    ]);
  });
});

test('the outcome of a step in a line', () => {
  const step = (result: object | null, fault: string | null = null) =>
    outcomeWords({ action: { type: 'guest.step' }, result, fault } as never);
  const cpuid = { last: 'cpuid', path: '#VC', reason: 'CPUID', stopped: null };
  expect(step(cpuid)).toBe('cpuid: raised #VC, CPUID');
  expect(step({ last: 'hlt', path: 'exit', reason: 'HLT', stopped: 'HLT' })).toBe(
    'hlt: left the guest, HLT; stopped at HLT',
  );
  expect(step(null, '#PF')).toBe('refused: #PF');
});
