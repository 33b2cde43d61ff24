import fc from 'fast-check';
import { GPRS } from '../core/registers';
import { FORMS, type Form, type Slot } from '../cpu/isa/form';
import type { Operand } from '../cpu/isa/instructions';

const bits = (size: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** BigInt(size) - 1n }),
    fc.bigInt({ min: -130n, max: 130n }).map((value) => BigInt.asUintN(size, value)),
    fc.constantFrom(0n, 1n, 2n ** BigInt(size - 1), 2n ** BigInt(size) - 1n),
  );

const register = fc.constantFrom(...GPRS);

/** Any operand that a slot can hold. */
function operandOf(slot: Slot): fc.Arbitrary<Operand> {
  switch (slot.place) {
    case 'implied':
      return fc.constant(slot.operand);
    case 'immediate': {
      const { encoded, size } = slot;
      const extended = (value: bigint) => BigInt.asUintN(8 * size, BigInt.asIntN(8 * encoded, value));
      return bits(8 * encoded).map((value) => ({ kind: 'immediate', value: extended(value), size }));
    }
    case 'relative': {
      const { encoded } = slot;
      const signed = (value: bigint) => Number(BigInt.asIntN(8 * encoded, value));
      return bits(8 * encoded).map((value) => ({ kind: 'relative', offset: signed(value) }));
    }
    case 'opcode':
      return register.map((name) => ({ kind: 'register', register: name, size: slot.size }));
    default: {
      const { size, bank } = slot;
      if (bank === 'xmm') return fc.constant({ kind: 'xmm', register: 'xmm0' });
      if (bank === 'debug')
        return fc.constantFrom<Operand>(
          { kind: 'debug', register: 'dr6' },
          { kind: 'debug', register: 'dr7' },
        );
      const named = register.map((name): Operand => ({ kind: 'register', register: name, size }));
      const placed = fc
        .tuple(fc.constantFrom(...GPRS, 'rip' as const, null), bits(32))
        .map(([base, value]): Operand => {
          return { kind: 'memory', base, displacement: BigInt.asIntN(32, value), size };
        });
      if (slot.place === 'reg' || slot.accepts === 'register') return named;
      return slot.accepts === 'memory' ? placed : fc.oneof(named, placed);
    }
  }
}

/** A form of an instruction with operands that it can hold. */
export const formWithOperands: fc.Arbitrary<{
  readonly form: Form;
  readonly operands: readonly Operand[];
  readonly rep: boolean;
}> = fc.constantFrom(...FORMS).chain((form) =>
  fc.record({
    form: fc.constant(form),
    operands: fc.tuple(...form.slots.map(operandOf)),
    rep: form.f3 === 'repeats' ? fc.boolean() : fc.constant(false),
  }),
);

/** The value of a register of 64 bits, often at an edge. */
export const quadword = bits(64);
