import { expect, it } from 'vitest';
import type { FactChange } from '../core/change';
import { RESET_REGISTERS, registerBytes } from '../core/registers';
import { SealedRegisters } from './sealedRegisters';

const VMSA = 0x5000;
const HEARD = Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0);
const data = { what: 'left', domain: 1, vcpu: 0, vmpl: 0, es: true, vmsa: VMSA };
const bytes = registerBytes({ ...RESET_REGISTERS, rax: 9n, rdx: 9n, rbx: 4n });
const left: FactChange = { store: 'fact', what: 'note', data, rule: null, bytes };

function kept(): SealedRegisters {
  const sealed = new SealedRegisters();
  sealed.exit(left, HEARD);
  return sealed;
}

it('keeps registers by the blocks of the page in which an exit stored them', () => {
  expect(kept().behind(VMSA + 0x1f0)?.bytes).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, ...HEARD));
  expect(kept().behind(VMSA + 0x310)?.bytes).toEqual(Uint8Array.of(...HEARD, 4, 0, 0, 0, 0, 0, 0, 0));
});

it('holds a block for told only when all of it is what the guest had read', () => {
  expect(kept().behind(VMSA + 0x1f0)?.told).toBe(true);
  expect(kept().behind(VMSA + 0x310)?.told).toBe(false);
});

it('says nothing of blocks with more in them than the record of an exit has', () => {
  for (const offset of [0x150, 0x170, 0x400]) expect(kept().behind(VMSA + offset)).toBe(null);
});

it('forgets a page into which somebody writes', () => {
  const sealed = kept();
  sealed.overwritten(VMSA + 0x800);
  expect(sealed.behind(VMSA + 0x1f0)).toBe(null);
});
