import type { Entry } from './entry';

const byte = (value: number): string => value.toString(16).padStart(2, '0');

/** The eight operations that share one pattern: opcode 8n and up, and /n behind 80, 81 and 83 (APM vol. 3 Table ). */
const alu = (n: number, name: string, does: string): Entry => ({
  does,
  source: `APM vol. 3 ${name}`,
  forms: [
    ['Eb, Gb', `${byte(8 * n)} /r`],
    ['Ev, Gv', `${byte(8 * n + 1)} /r`],
    ['Gb, Eb', `${byte(8 * n + 2)} /r`],
    ['Gv, Ev', `${byte(8 * n + 3)} /r`],
    ['Ab, Ib', byte(8 * n + 4)],
    ['Eb, Ib', `80 /${n}`],
    ['Ev, Ibv', `83 /${n}`],
    ['Av, Iz', byte(8 * n + 5)],
    ['Ev, Iz', `81 /${n}`],
  ],
});

/** One operand, opcode for bytes and the next one for the others. */
const unary = (opcode: number, n: number, name: string, does: string): Entry => ({
  does,
  source: `APM vol. 3 ${name}`,
  forms: [
    ['Eb', `${byte(opcode)} /${n}`],
    ['Ev', `${byte(opcode + 1)} /${n}`],
  ],
});

const shift = (n: number, name: string, does: string): Entry => ({
  does,
  source: `APM vol. 3 ${name}`,
  forms: [
    ['Eb, 1', `d0 /${n}`],
    ['Ev, 1', `d1 /${n}`],
    ['Eb, CL', `d2 /${n}`],
    ['Ev, CL', `d3 /${n}`],
    ['Eb, Ib', `c0 /${n}`],
    ['Ev, Ib', `c1 /${n}`],
  ],
});

/** Integer arithmetic and logic (APM vol. 3 chapter 3). */
export const ARITHMETIC = {
  add: alu(0, 'ADD', 'adds its second operand to its first'),
  or: alu(1, 'OR', 'sets in its first operand the bits of its second'),
  adc: alu(2, 'ADC', 'adds its second operand and the carry to its first'),
  sbb: alu(3, 'SBB', 'subtracts its second operand and the carry from its first'),
  and: alu(4, 'AND', 'keeps in its first operand the bits of its second'),
  sub: alu(5, 'SUB', 'subtracts its second operand from its first'),
  xor: alu(6, 'XOR', 'turns over in its first operand the bits of its second'),
  cmp: alu(7, 'CMP', 'sets the flags as SUB would and keeps both operands'),
  test: {
    does: 'sets the flags as AND would and keeps both operands',
    source: 'APM vol. 3 TEST',
    forms: [
      ['Eb, Gb', '84 /r'],
      ['Ev, Gv', '85 /r'],
      ['Gb, Eb', '84 /r'],
      ['Gv, Ev', '85 /r'],
      ['Ab, Ib', 'a8'],
      ['Av, Iz', 'a9'],
      ['Eb, Ib', 'f6 /0'],
      ['Ev, Iz', 'f7 /0'],
    ],
  },
  not: unary(0xf6, 2, 'NOT', 'turns over every bit and no flag'),
  neg: unary(0xf6, 3, 'NEG', 'subtracts its operand from zero'),
  inc: unary(0xfe, 0, 'INC', 'adds one and leaves the carry as it was'),
  dec: unary(0xfe, 1, 'DEC', 'subtracts one and leaves the carry as it was'),
  shl: shift(4, 'SHL', 'moves the bits up and fills with zeros'),
  shr: shift(5, 'SHR', 'moves the bits down and fills with zeros'),
  sar: shift(7, 'SAR', 'moves the bits down and fills with the sign'),
} as const satisfies Record<string, Entry>;
