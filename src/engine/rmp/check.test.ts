import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGE_PAGE_SIZE } from '../core/address';
import { NESTED_FAULT_BITS } from '../memory/faultBits';
import type { RmpAccess } from './access';
import { RMP_ROWS, rmpCheck, rowOf } from './check';
import { type RmpEntry, rmpEntry } from './entry';
import { nestedCode, rmpFault } from './faults';
import { ladder } from './ladder';
import { entryIn } from './pageState';
import { withPermissions } from './permissions';

const access = (fields: Partial<RmpAccess> = {}): RmpAccess => ({
  actor: 'snp-guest',
  kind: 'read',
  c: true,
  asid: 3,
  vmpl: 0,
  user: false,
  gpa: 0x4000,
  large: false,
  ...fields,
});
const VALID = entryIn('Guest-Valid', { asid: 3, gpa: 0x4000, permissions: 0x1f });
const failed = (entry: RmpEntry | null, fields: Partial<RmpAccess> = {}): string | null =>
  rmpCheck(entry, access(fields))?.check.name ?? null;

const entries: fc.Arbitrary<RmpEntry> = fc
  .record({
    assigned: fc.boolean(),
    large: fc.boolean(),
    immutable: fc.boolean(),
    subPageCount: fc.constantFrom(0, 5),
    gpa: fc.constantFrom(0x4000, 0x5000, LARGE_PAGE_SIZE),
    asid: fc.constantFrom(0, 3, 4),
    validated: fc.boolean(),
    permissions: fc.nat(2 ** 32 - 1),
  })
  .map(rmpEntry);
const accesses: fc.Arbitrary<RmpAccess> = fc.record({
  actor: fc.constantFrom('host', 'guest', 'snp-guest', 'snp-guest', 'device', 'firmware'),
  kind: fc.constantFrom('read', 'write', 'fetch', 'walk', 'update'),
  c: fc.boolean(),
  asid: fc.constantFrom(3, 4),
  vmpl: fc.nat(3),
  user: fc.boolean(),
  gpa: fc.constantFrom(0x4000, 0x4fff, 0x5000),
  large: fc.boolean(),
  busy: fc.boolean(),
});

describe('an SNP guest’s private page', () => {
  it.each([
    ['another processor uses the entry', VALID, { busy: true }, 'Not in use', '#NPF'],
    ['no entry', null, {}, 'RMP-Covered', '#NPF'],
    ['nobody’s', rmpEntry({}), {}, 'Guest-Owned', '#NPF'],
    ['another guest’s', { ...VALID, asid: 4 }, {}, 'Guest-Owned', '#NPF'],
    ['the firmware’s', entryIn('Firmware'), {}, 'Guest-Owned', '#NPF'],
    ['another GPA', VALID, { gpa: 0x5000 }, 'Reverse-Map', '#NPF'],
    ['immutable', { ...VALID, immutable: true }, {}, 'Mutable', '#NPF'],
    ['2 MiB mapped as 4 KiB', { ...VALID, large: true, gpa: 0 }, {}, 'Page-Size', '#NPF'],
    ['4 KiB mapped as 2 MiB', VALID, { large: true }, 'Page-Size', '#NPF'],
    ['not accepted', { ...VALID, validated: false }, {}, 'Validated', '#VC'],
    ['not for this VMPL', VALID, { vmpl: 1 }, 'VMPL', '#NPF'],
  ] as const)('%s', (_, entry, fields, name, raises) => {
    const step = rmpCheck(entry, access(fields));
    expect([step?.check.name, step?.raises]).toEqual([name, raises]);
  });

  it('compares the GPA of a large page by its 2 MiB', () => {
    const large = { ...VALID, large: true, gpa: LARGE_PAGE_SIZE };
    for (const gpa of [LARGE_PAGE_SIZE, LARGE_PAGE_SIZE + 0x5123, 2 * LARGE_PAGE_SIZE - 1])
      expect(failed(large, { large: true, gpa })).toBeNull();
    expect(failed(large, { large: true, gpa: 2 * LARGE_PAGE_SIZE })).toBe('Reverse-Map');
  });

  it.each([
    [0b00001, ['read', 'walk']],
    [0b00011, ['read', 'write', 'walk', 'update']],
    [0b00010, []],
    [0b00100, ['user fetch']],
    [0b01000, ['fetch']],
    [0b10000, []],
  ] as const)('permissions %i allow %j', (mask, allowed) => {
    const entry = { ...VALID, permissions: withPermissions(0x1f, 2, mask) };
    const kinds = ['read', 'write', 'walk', 'update', 'fetch'] as const;
    const passed: string[] = kinds.filter((kind) => failed(entry, { kind, vmpl: 2 }) === null);
    if (failed(entry, { kind: 'fetch', user: true, vmpl: 2 }) === null) passed.push('user fetch');
    expect(passed).toEqual(allowed);
  });

  it('passes exactly when all of it holds', () => {
    fc.assert(
      fc.property(entries, accesses, (entry, fields) => {
        const one = { ...fields, actor: 'snp-guest', kind: 'read', c: true, vmpl: 0, busy: false } as const;
        const unit = entry.large ? LARGE_PAGE_SIZE : 0x1000;
        const right =
          entry.assigned &&
          entry.asid === one.asid &&
          entry.gpa - (entry.gpa % unit) === one.gpa - (one.gpa % unit) &&
          !entry.immutable &&
          entry.large === one.large &&
          entry.validated &&
          entry.permissions % 2 === 1;
        expect(rmpCheck(entry, one) === null).toBe(right);
      }),
    );
  });
});

describe('pages of others', () => {
  it.each([
    ['host', 'write', '#PF'],
    ['host', 'walk', '#PF'],
    ['host', 'update', '#PF'],
    ['guest', 'write', '#NPF'],
    ['guest', 'walk', '#NPF'],
    ['device', 'write', 'IO_PAGE_FAULT'],
  ] as const)('%s %s only the hypervisor’s', (actor, kind, raises) => {
    expect(rmpCheck(VALID, access({ actor, kind }))?.raises).toBe(raises);
    for (const entry of [null, rmpEntry({}), entryIn('HV-fixed'), rmpEntry({ subPageCount: 5 })])
      expect(failed(entry, { actor, kind })).toBeNull();
  });

  it('through a large mapping none of the 2 MiB may be assigned, but for an accessed or dirty bit', () => {
    const head = rmpEntry({ subPageCount: 1 });
    expect(failed(head, { actor: 'host', kind: 'write', large: true })).toBe('Hypervisor-Owned');
    expect(failed(head, { actor: 'guest', kind: 'walk', large: true })).toBe('Hypervisor-Owned');
    expect(failed(head, { actor: 'host', kind: 'update', large: true })).toBeNull();
    expect(failed(null, { actor: 'host', kind: 'write', large: true })).toBeNull();
  });

  it.each([
    ['host', 'read'],
    ['host', 'fetch'],
    ['guest', 'read'],
    ['guest', 'fetch'],
    ['device', 'read'],
    ['firmware', 'write'],
  ] as const)('%s %s unchecked', (actor, kind) => {
    expect(failed(VALID, { actor, kind, busy: true })).toBeNull();
  });

  it('an SNP guest’s shared data: writes of pages that are the hypervisor’s, any read', () => {
    expect(failed(VALID, { c: false })).toBeNull();
    expect(failed(VALID, { c: false, kind: 'write' })).toBe('Hypervisor-Owned');
    expect(failed(rmpEntry({}), { c: false, kind: 'write' })).toBeNull();
    for (const kind of ['fetch', 'walk'] as const)
      expect(failed(rmpEntry({}), { c: false, kind })).toBe('Guest-Owned');
  });
});

describe('what somebody gets to see of a refusal', () => {
  const fault = (entry: RmpEntry | null, fields: Partial<RmpAccess>) => {
    const one = access(fields);
    const step = rmpCheck(entry, one);
    if (!step) throw new Error('nothing was refused');
    return rmpFault(step, entry, one, { virtual: 0x7f0000004123, spa: 0x200123 });
  };

  // AMDESE/AMDSEV issue 219: logged on a real host.
  it('a whole EXITINFO1', () => {
    expect(nestedCode({ kind: 'read' }, ['RMP', 'ENC'])).toBe(0x580000005);
  });

  it('bits of a nested page fault, and the GPA', () => {
    const { RMP, ENC, VMPL, final, table } = NESTED_FAULT_BITS;
    const bits = (...list: number[]) => list.reduce((sum, bit) => sum + 2 ** bit, 0b101);
    const code = (entry: RmpEntry | null, fields: Partial<RmpAccess>) =>
      fault(entry, fields).inputs.exitInfo1;
    expect(code(null, { kind: 'write' })).toBe(bits(1, RMP, ENC, final));
    expect(code(null, { kind: 'fetch' })).toBe(bits(4, RMP, ENC, final));
    expect(code(null, { kind: 'walk' })).toBe(bits(RMP, ENC, table));
    expect(code(null, { kind: 'update' })).toBe(bits(1, RMP, ENC, table));
    expect(code(VALID, { vmpl: 3 })).toBe(bits(RMP, ENC, VMPL, final));
    expect(code(VALID, { kind: 'write', c: false })).toBe(bits(1, RMP, final));
    expect(fault(null, {}).inputs.exitInfo2).toBe(0x4000);
  });

  it('the host’s error code, and the guest’s #VC', () => {
    expect(fault(VALID, { actor: 'host', kind: 'write' })).toMatchObject({
      name: '#PF',
      inputs: { errorCode: 2 ** 31 + 0b11, cr2: 0x7f0000004123 },
    });
    expect(fault({ ...VALID, validated: false }, {})).toMatchObject({
      name: '#VC',
      rule: { id: 'rmp.validated' },
      inputs: { errorCode: 0x404, cr2: 0x7f0000004123 },
      message: expect.stringMatching(/^#VC 0x404 at 0x7f0000004123, SPA 0x200123: Validated does not hold/),
    });
  });
});

describe('the ladder', () => {
  it('tells what the check decides, and every check of the row in its order', () => {
    fc.assert(
      fc.property(fc.option(entries), accesses, (entry, one) => {
        const { row, rungs, end } = ladder(entry, one);
        const step = rmpCheck(entry, one);
        expect(row.id).toBe(rowOf(one).id);
        expect(end).toBe(step?.raises ?? 'allowed');
        expect(rungs.filter(({ decides }) => decides).map(({ name }) => name)).toEqual(
          step ? [step.check.name] : [],
        );
        const first = rungs.find(({ holds }) => !holds);
        expect(first?.name ?? null).toBe(step?.check.name ?? null);
      }),
    );
  });

  it('shows what was compared', () => {
    const { rungs } = ladder({ ...VALID, asid: 4 }, access({ gpa: 0x5000 }));
    expect(rungs.map(({ name, holds }) => [name, holds])).toEqual([
      ['Not in use', true],
      ['RMP-Covered', true],
      ['Guest-Owned', false],
      ['Reverse-Map', false],
      ['Mutable', true],
      ['Page-Size', true],
      ['Validated', true],
      ['VMPL', true],
    ]);
    expect(rungs[2]?.inputs).toEqual({ assigned: true, owner: 4, asid: 3 });
    expect(rungs[3]?.inputs).toEqual({ entry: 0x4000, gpa: 0x5000, size: '4 KiB' });
  });

  it('is empty where nothing is checked', () => {
    expect(ladder(VALID, access({ actor: 'host' }))).toMatchObject({ rungs: [], end: 'allowed' });
    expect(RMP_ROWS.hostRead.steps).toEqual([]);
  });
});
