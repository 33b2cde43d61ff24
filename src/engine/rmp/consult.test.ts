import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import type { RmpAccess } from './access';
import { rmpChecker } from './checker';
import { entryFor } from './consult';
import { EMPTY, PLACEHOLDER } from './entry';
import { entryIn } from './pageState';
import { structureRefusal } from './structures';
import { readEntry, writeEntry } from './table';
import { bare } from './testing/bare';

const REGION = 2 ** 21;
const HOST: RmpAccess = {
  actor: 'host',
  kind: 'write',
  c: false,
  asid: 0,
  vmpl: 0,
  user: false,
  gpa: 0,
  large: false,
};
const GUEST: RmpAccess = { ...HOST, actor: 'snp-guest', c: true, asid: 3, gpa: 0x4000 };
const valid = entryIn('Guest-Valid', { asid: 3, gpa: 0x4000, permissions: 0x1f });

describe('which entry is looked at', () => {
  it('a host’s write through 2 MiB faults for the neighbour of an assigned page', () => {
    const p = bare();
    writeEntry(p, REGION + 5 * PAGE_SIZE, valid);
    const neighbour = REGION + 7 * PAGE_SIZE;
    expect(rmpChecker(p)(neighbour, HOST)).toBeNull();
    expect(rmpChecker(p)(neighbour, { ...HOST, large: true })?.check.name).toBe('Hypervisor-Owned');
    expect(rmpChecker(p)(neighbour, { ...HOST, large: true, kind: 'update' })).toBeNull();
    expect(rmpChecker(p)(2 * REGION, { ...HOST, large: true })).toBeNull();
  });

  it('every piece of a guest’s large page is spoken for by the first entry', () => {
    const p = bare();
    writeEntry(p, REGION, { ...valid, large: true, gpa: 4 * REGION });
    const access = { ...GUEST, gpa: 4 * REGION + 9 * PAGE_SIZE, large: true };
    expect(readEntry(p, REGION + 9 * PAGE_SIZE)).toEqual(PLACEHOLDER);
    expect(rmpChecker(p)(REGION + 9 * PAGE_SIZE, access)).toBeNull();
    expect(rmpChecker(p)(REGION + 9 * PAGE_SIZE, HOST)?.check.name).toBe('Hypervisor-Owned');
  });

  it('none where nothing is checked, and null beyond the table', () => {
    const p = bare();
    writeEntry(p, REGION, valid);
    expect(entryFor(p, REGION, { ...HOST, kind: 'read' })).toBeNull();
    expect(entryFor(p, REGION, HOST)).toEqual(valid);
    expect(entryFor(p, 2 * REGION, HOST)).toEqual(EMPTY);
    expect(rmpChecker(p)(2 ** 40, HOST)).toBeNull();
    expect(rmpChecker(p)(2 ** 40, GUEST)?.check.name).toBe('RMP-Covered');
  });

  it('nothing before SNP is enabled', () => {
    const p = bare({ snpEnabled: false });
    writeEntry(p, REGION, valid);
    expect(rmpChecker(p)(REGION, HOST)).toBeNull();
    expect(structureRefusal(p, 'VMCB', REGION, 3)).toBeNull();
  });
});

describe('pages that VMRUN and its kin use', () => {
  it.each([
    ['VMCB', '#GP'],
    ['AVIC backing page', 'VMEXIT_INVALID'],
    ['VMSA', 'VMEXIT_INVALID'],
    ['VM_HSAVE_PA', '#GP'],
    ['VMSAVE', '#GP'],
  ] as const)('%s is the hypervisor’s', (what, name) => {
    const p = bare();
    writeEntry(p, REGION, valid);
    expect(structureRefusal(p, what, REGION, 3)).toMatchObject({
      name,
      inputs: { check: 'Hypervisor-Owned' },
    });
    expect(structureRefusal(p, what, REGION + PAGE_SIZE, 3)).toBeNull();
  });

  it('an SNP guest’s VMSA is its own, mutable, and marked', () => {
    const vmsa = { ...valid, vmsa: true, gpa: 0xffff_ffff_f000 };
    const refused = (entry: typeof valid, asid = 3) => {
      const p = bare();
      writeEntry(p, REGION, entry);
      return structureRefusal(p, 'SNP VMSA', REGION, asid)?.inputs.check ?? null;
    };
    expect(refused(vmsa)).toBeNull();
    expect(refused(valid)).toBe('VMSA');
    expect(refused(vmsa, 4)).toBe('Guest-Owned');
    expect(refused({ ...vmsa, immutable: true })).toBe('Mutable');
    expect(structureRefusal(bare(), 'SNP VMSA', 2 ** 40, 3)?.inputs.check).toBe('RMP-Covered');
  });
});
