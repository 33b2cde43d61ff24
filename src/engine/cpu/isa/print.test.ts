import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../core/bytes';
import { formWithOperands } from '../../testing/instructions';
import { assemble } from './assemble';
import { decode } from './decode';
import { encode } from './encode';
import type { Instruction } from './instructions';
import { print } from './print';

function decoded(bytes: Uint8Array): Instruction {
  const instruction = decode(bytes);
  if (!instruction || instruction === 'more') throw new Error('not decoded');
  return instruction;
}

function reassembled(text: string, origin = 0n): Uint8Array {
  const assembled = assemble(text, origin);
  if (!assembled.ok) throw new Error(`${text}: ${assembled.errors[0]?.message}`);
  return assembled.code;
}

/** Without the length; jumps and addresses at RIP count from the start, so that a shorter encoding means the same. */
const meaning = ({ mnemonic, operands, length, rep }: Instruction) => ({
  mnemonic,
  rep,
  operands: operands.map((one) => (one.kind === 'relative' ? one.offset + length : one)),
});

describe('print', () => {
  it.each([
    ['jmp 0x7f0000000000', 'ebfe'],
    ['call 0x7f0000001005', 'e800100000'],
    ['mov rax, [rel 0x7f0000001007]', '488b0500100000'],
    ['mov rax, [0xffffffffffffff80]', '488b042580ffffff'],
    ['je near 0x7f0000000006', '0f8400000000'],
    ['jmp near 0x7f0000000081', 'e97c000000'],
    ['jmp 0x7f0000000082', 'e97d000000'],
    ['jmp near 0x7effffffff82', 'e97dffffff'],
    ['jmp 0x7effffffff81', 'e97cffffff'],
  ])('shows addresses when it knows where it stands: %s', (text, bytes) => {
    const at = 0x7f0000000000n;
    expect(print(decoded(fromHex(bytes)), at)).toBe(text);
    expect(reassembled(text, at)).toEqual(fromHex(bytes));
  });

  it('is read by the assembler as the same instruction, never in more bytes', () => {
    fc.assert(
      fc.property(formWithOperands, ({ form, operands, rep }) => {
        const instruction = decoded(encode(form, operands, rep) ?? new Uint8Array());
        const again = reassembled(print(instruction));
        expect(meaning(decoded(again))).toEqual(meaning(instruction));
        expect(again.length).toBeLessThanOrEqual(instruction.length);
        expect(reassembled(print(decoded(again)))).toEqual(again);
      }),
      { numRuns: 2000 },
    );
  });

  it('means the same at an address', () => {
    fc.assert(
      fc.property(
        formWithOperands,
        fc.bigInt({ min: 2n ** 32n, max: 2n ** 47n }),
        ({ form, operands, rep }, at) => {
          const instruction = decoded(encode(form, operands, rep) ?? new Uint8Array());
          const shift = (one: Instruction) => BigInt(one.length);
          const again = decoded(reassembled(print(instruction, at), at));
          const there = (one: Instruction) =>
            one.operands.map((operand) =>
              operand.kind === 'memory' && operand.base === 'rip'
                ? operand.displacement + shift(one)
                : operand.kind === 'relative'
                  ? BigInt(operand.offset) + shift(one)
                  : operand,
            );
          expect(there(again)).toEqual(there(instruction));
        },
      ),
    );
  });
});
