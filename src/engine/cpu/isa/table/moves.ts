import type { Entry } from './entry';

/** MOV and what else carries values (APM vol. 3 chapter 3; MOV of debug registers chapter 4; MOVQ and PXOR vol. 4). */
export const MOVES = {
  mov: {
    does: 'copies its second operand into its first',
    source: 'APM vol. 3 MOV, MOV DRn',
    forms: [
      ['Eb, Gb', '88 /r'],
      ['Ev, Gv', '89 /r'],
      ['Gb, Eb', '8a /r'],
      ['Gv, Ev', '8b /r'],
      ['Zb, Ib', 'b0+r'],
      ['Zv, Iv', 'b8+r'],
      ['Eb, Ib', 'c6 /0'],
      ['Ev, Iz', 'c7 /0'],
      ['R, D', '0f 21 /r'],
      ['D, R', '0f 23 /r'],
    ],
  },
  movzx: {
    does: 'copies a smaller operand and fills up with zeros',
    source: 'APM vol. 3 MOVZX',
    forms: [
      ['Gv, Eb', '0f b6 /r'],
      ['Gv, Ew', '0f b7 /r'],
    ],
  },
  lea: {
    does: 'puts the address of its second operand into its first and reads no memory',
    source: 'APM vol. 3 LEA',
    forms: [['Gv, M', '8d /r']],
  },
  push: {
    does: 'takes 8 from RSP and stores its operand there',
    source: 'APM vol. 3 PUSH',
    forms: [
      ['Zq', '50+r'],
      ['Ibq', '6a'],
      ['Idq', '68'],
    ],
  },
  pop: {
    does: 'loads its operand from RSP and adds 8 to RSP',
    source: 'APM vol. 3 POP',
    forms: [['Zq', '58+r']],
  },
  movq: {
    does: 'copies 64 bits between XMM0 and a register or memory; the upper half of XMM0 becomes zero',
    source: 'APM vol. 4 MOVD, MOVQ',
    forms: [
      ['V, Eq', '66 W 0f 6e /r'],
      ['Eq, V', '66 W 0f 7e /r'],
    ],
  },
  pxor: {
    does: 'combines XMM0 with XMM0 by exclusive or: zero',
    source: 'APM vol. 4 PXOR',
    forms: [['V, W', '66 0f ef /r']],
  },
} as const satisfies Record<string, Entry>;
