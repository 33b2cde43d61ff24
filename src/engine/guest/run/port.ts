import { readUint, uint } from '../../core/bytes';
import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Memory } from '../../cpu/isa/run/operandAccess';
import { type Vcpu, vcpuAccess } from '../memory';

/** Memory as the instructions of a vCPU reach it. */
export const memoryOf = (p: Platform, vcpu: Vcpu): Memory => ({
  load: (address, size) => {
    const seen = vcpuAccess(p, vcpu, 'read', Number(address), size);
    return seen.ok ? ok(readUint(seen.value, 0, size)) : seen;
  },
  store: (address, size, value): Outcome<null> => {
    const stored = vcpuAccess(p, vcpu, 'write', Number(address), size, uint(value, size));
    return stored.ok ? ok(null) : stored;
  },
});
