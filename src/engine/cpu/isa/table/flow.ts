import type { Entry } from './entry';

/** The conditions of Jcc in the order of their numbers in the opcode (APM vol. 3 Jcc). */
export const CONDITIONS = [
  'jo',
  'jno',
  'jb',
  'jae',
  'je',
  'jne',
  'jbe',
  'ja',
  'js',
  'jns',
  'jp',
  'jnp',
  'jl',
  'jge',
  'jle',
  'jg',
] as const;
export type Condition = (typeof CONDITIONS)[number];

const jump = (condition: Condition, when: string): Entry => ({
  does: `jumps ${when}`,
  source: 'APM vol. 3 Jcc',
  forms: [
    ['Jb', `7${CONDITIONS.indexOf(condition).toString(16)}`],
    ['Jz', `0f 8${CONDITIONS.indexOf(condition).toString(16)}`],
  ],
});

const flag = (opcode: string, name: string, does: string): Entry => ({
  does,
  source: `APM vol. 3 ${name}`,
  forms: [['', opcode]],
});

/** Jumps, calls, flags (APM vol. 3 chapter 3; CLI and STI chapter 4, XGETBV vol. 4). Near forms only. */
export const FLOW = {
  jo: jump('jo', 'after an overflow'),
  jno: jump('jno', 'after no overflow'),
  jb: jump('jb', 'if below, unsigned'),
  jae: jump('jae', 'if above or equal, unsigned'),
  je: jump('je', 'if equal'),
  jne: jump('jne', 'if not equal'),
  jbe: jump('jbe', 'if below or equal, unsigned'),
  ja: jump('ja', 'if above, unsigned'),
  js: jump('js', 'after a negative result'),
  jns: jump('jns', 'after a result that is not negative'),
  jp: jump('jp', 'if the low byte has an even number of ones'),
  jnp: jump('jnp', 'if the low byte has an odd number of ones'),
  jl: jump('jl', 'if less, signed'),
  jge: jump('jge', 'if greater or equal, signed'),
  jle: jump('jle', 'if less or equal, signed'),
  jg: jump('jg', 'if greater, signed'),
  jmp: {
    does: 'jumps',
    source: 'APM vol. 3 JMP (Near)',
    forms: [
      ['Jb', 'eb'],
      ['Jz', 'e9'],
      ['Eq', 'ff /4'],
    ],
  },
  loop: {
    does: 'takes one from RCX and jumps unless that gives zero',
    source: 'APM vol. 3 LOOPcc',
    forms: [['Jb', 'e2']],
  },
  call: {
    does: 'pushes the address of the next instruction and jumps',
    source: 'APM vol. 3 CALL (Near)',
    forms: [
      ['Jz', 'e8'],
      ['Eq', 'ff /2'],
    ],
  },
  ret: {
    does: 'pops the address at which to go on; with RSP = 0 the program ends',
    source: 'APM vol. 3 RET (Near); the end is modelled',
    forms: [['', 'c3']],
  },
  iretq: {
    does: 'goes back to where an event interrupted: pops RIP, CS, RFLAGS, RSP and SS',
    source: 'APM vol. 3 IRET; modelled: CS and SS stay as they are',
    forms: [['', 'W cf']],
  },
  nop: flag('90', 'NOP', 'does nothing'),
  clc: flag('f8', 'CLC', 'clears the carry'),
  stc: flag('f9', 'STC', 'sets the carry'),
  cli: flag('fa', 'CLI', 'clears the interrupt flag'),
  sti: flag('fb', 'STI', 'sets the interrupt flag'),
  cld: flag('fc', 'CLD', 'clears the direction flag: strings go up'),
  std: flag('fd', 'STD', 'sets the direction flag: strings go down'),
  xgetbv: {
    does: 'reads XCR0 into EDX:EAX when ECX is 0',
    source: 'APM vol. 4 XGETBV',
    forms: [['', '0f 01 d0']],
  },
} as const satisfies Record<string, Entry>;
