import { describe, expect, it } from 'vitest';
import { swapOf } from './swap';

describe('swapOf', () => {
  it.each([
    ['rip', 'A'],
    ['rax', 'A'],
    ['cr3', 'A'],
    ['rbx', 'B'],
    ['r15', 'B'],
    ['xcr0', 'B'],
    ['xmm0', 'C'],
    ['cr2', null],
  ] as const)('with SEV-ES hardware carries %s; the host’s is of type %s', (name, host) => {
    expect(swapOf(name, true)).toEqual({ guest: 'hardware', host });
  });

  it.each([
    ['rax', 'hardware'],
    ['dr7', 'hardware'],
    ['rbx', 'hypervisor'],
    ['xmm0', 'hypervisor'],
    ['xcr0', 'hypervisor'],
  ] as const)('without it %s is carried by the %s', (name, guest) => {
    expect(swapOf(name, false)).toEqual({ guest, host: null });
  });
});
