import { alignUp, HUGE_PAGE_SIZE } from '../core/address';
import type { MailboxCell } from '../core/aspCells';
import type { MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { memoryMap } from '../memory/regions';
import { type Answer, execute } from './dispatch';
import type { RawAddress } from './memory';
import { platformOf } from './platform';
import { leaveRing } from './ring';
import { STATUS } from './status';

/** The registers through which the processor talks to the secure processor. */
export const MAILBOX_REGISTERS = [
  'CmdResp',
  'CmdBufAddr_Lo',
  'CmdBufAddr_Hi',
  'IntEnable',
  'IntStatus',
] as const;
export type MailboxRegister = (typeof MAILBOX_REGISTERS)[number];

/** Offsets in the device's register window, first generation and later (Linux drivers/crypto/ccp/sp-pci.c: sevv1, sevv2). */
const OFFSETS = {
  v1: {
    CmdResp: 0x10580,
    CmdBufAddr_Lo: 0x105e0,
    CmdBufAddr_Hi: 0x105e4,
    IntEnable: 0x10610,
    IntStatus: 0x10614,
  },
  v2: {
    CmdResp: 0x10980,
    CmdBufAddr_Lo: 0x109e0,
    CmdBufAddr_Hi: 0x109e4,
    IntEnable: 0x10690,
    IntStatus: 0x10694,
  },
} as const satisfies Record<string, Record<MailboxRegister, number>>;

/** Bits of CmdResp (Linux include/linux/psp.h; AMD-ASPFW sev_mcmd.h). */
export const CMD_RESP = {
  interrupt: 1,
  idShift: 16,
  idMask: 0x7ff,
  status: 0xffff,
  done: 0x80000000,
} as const;

/** Interrupt status bit of a finished command (Linux drivers/crypto/ccp/sev-dev.h). */
const COMMAND_COMPLETE = 2;

const MAILBOX_RULES = {
  mailbox: {
    id: 'asp.mailbox',
    says: 'A write of CmdResp with bit 31 clear makes the secure processor run the command; bit 31 is set when it has finished.',
    source: 'Linux drivers/crypto/ccp/sev-dev.c (__sev_do_cmd_locked)',
    standing: 'published',
  },
  errors: {
    id: 'asp.error-stack',
    says: 'After a command the address registers hold a stack of ten-bit error ids, 0 after success.',
    source: 'AMD-ASPFW main.c (sev_uapp_entry); the ids are modelled: the number of the status',
    standing: 'modelled',
  },
  hung: {
    id: 'asp.hung',
    says: 'A secure processor that hangs answers nothing; Linux waits 100 seconds and then gives it up.',
    source: 'Linux drivers/crypto/ccp/sev-dev.c (sev_wait_cmd_ioc, psp_timeout); that it hangs is modelled',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const IDLE: MailboxCell = {
  cmdResp: 0,
  bufferLow: 0,
  bufferHigh: 0,
  interruptEnable: 0,
  interruptStatus: 0,
  hung: false,
};

const CELL_FIELD = {
  CmdResp: 'cmdResp',
  CmdBufAddr_Lo: 'bufferLow',
  CmdBufAddr_Hi: 'bufferHigh',
  IntEnable: 'interruptEnable',
  IntStatus: 'interruptStatus',
} as const satisfies Record<MailboxRegister, keyof MailboxCell>;

export const mailboxOf = (p: Platform): MailboxCell => p.state.cell('mailbox') ?? IDLE;

const patchMailbox = (p: Platform, fields: Partial<MailboxCell>): void =>
  p.trace.set('mailbox', 0, { ...mailboxOf(p), ...fields });

/** Physical address of a register: in the first range of device registers, or above everything where the map has none. */
export function mailboxAddress(config: MachineConfig, register: MailboxRegister): number {
  const map = memoryMap(config);
  const window = map.find(({ kind, size }) => kind === 'mmio' && size > 0x11000);
  const end = Math.max(...map.map(({ base, size }) => base + size));
  const base = window?.base ?? alignUp(end, HUGE_PAGE_SIZE);
  return base + OFFSETS[config.generation === 'naples' ? 'v1' : 'v2'][register];
}

export function readMailbox(p: Platform, register: MailboxRegister): number {
  const value = mailboxOf(p)[CELL_FIELD[register]];
  p.trace.fact('bus', {
    event: 'register read',
    register,
    address: mailboxAddress(p.config, register),
    value,
  });
  return value;
}

/**
 * A write by the processor. @param value 32 bits.
 * @returns what became of the command that the write started; null when it started none or nobody answers.
 */
export function writeMailbox(p: Platform, register: MailboxRegister, value: number): Answer | null {
  const word = value >>> 0;
  const told = {
    event: 'register write',
    register,
    address: mailboxAddress(p.config, register),
    value: word,
  };
  p.trace.fact('bus', told, MAILBOX_RULES.mailbox);
  if (register === 'IntStatus') {
    patchMailbox(p, { interruptStatus: (mailboxOf(p).interruptStatus & ~word) >>> 0 });
    return null;
  }
  patchMailbox(p, { [CELL_FIELD[register]]: word });
  return register === 'CmdResp' && word < CMD_RESP.done ? answer(p) : null;
}

/** The firmware takes the command that waits in the registers. */
function answer(p: Platform): Answer | null {
  const { cmdResp, bufferLow, bufferHigh, hung } = mailboxOf(p);
  if (hung) {
    p.trace.fact('note', { what: 'no answer from the secure processor' }, MAILBOX_RULES.hung);
    return null;
  }
  const id = (cmdResp >>> CMD_RESP.idShift) & CMD_RESP.idMask;
  const result = platformOf(p).ring
    ? exitRing(p)
    : execute(p, id, (BigInt(bufferHigh) << 32n) | BigInt(bufferLow));
  p.trace.fact('note', { what: 'extended errors', newest: result.value & 0x3ff }, MAILBOX_RULES.errors);
  const wantsInterrupt = (cmdResp & CMD_RESP.interrupt) === CMD_RESP.interrupt;
  const { interruptStatus, interruptEnable } = mailboxOf(p);
  patchMailbox(p, {
    cmdResp: (CMD_RESP.done | (id << CMD_RESP.idShift) | result.value) >>> 0,
    bufferLow: result.value & 0x3ff,
    bufferHigh: 0,
    ...(wantsInterrupt && { interruptStatus: interruptStatus | COMMAND_COMPLETE }),
  });
  if (wantsInterrupt)
    p.trace.fact('note', {
      what: 'command complete',
      interrupt: (interruptEnable & COMMAND_COMPLETE) !== 0 ? 'raised' : 'masked',
    });
  return result;
}

/** An ordinary command while ring-buffer mode is on ends the mode and is not carried out (AMD-ASPFW sev_ring_buffer.c). */
function exitRing(p: Platform): Answer {
  leaveRing(p);
  const check = {
    id: 'asp.ring-left',
    says: 'an ordinary mailbox command came while ring-buffer mode was on; the mode ends',
    status: 'EXIT_RING_BUFFER',
    source: 'AMD-ASPFW sev_ring_buffer.c',
    holds: () => true,
  } as const;
  return { status: check.status, value: STATUS[check.status].value, check, values: {} };
}

/** The value of CmdResp for a command. */
export const commandWord = (id: number, interrupt = false): number =>
  ((id << CMD_RESP.idShift) | (interrupt ? CMD_RESP.interrupt : 0)) >>> 0;

/** What a driver writes for one command: address of the buffer in two halves, with its C-bit, and CmdResp. */
export interface Bell {
  readonly lo: number;
  readonly hi: number;
  readonly cmdResp: number;
}

/**
 * Low half of the address, high half, then the command, as drivers do it.
 * @returns null when nobody answers: then CmdResp stays as it was written.
 */
export function ringMailbox(p: Platform, { lo, hi, cmdResp }: Bell): Answer | null {
  writeMailbox(p, 'CmdBufAddr_Lo', lo);
  writeMailbox(p, 'CmdBufAddr_Hi', hi);
  return writeMailbox(p, 'CmdResp', cmdResp);
}

/** The writes for a command. @param buffer address of its buffer with the C-bit; 0 for a command without one. */
export const bellOf = (id: number, buffer: RawAddress, interrupt = false): Bell => ({
  lo: Number(buffer & 0xffffffffn),
  hi: Number((buffer >> 32n) & 0xffffffffn),
  cmdResp: commandWord(id, interrupt),
});

/** The secure processor stops answering, until `wake`. */
export const hang = (p: Platform): void => patchMailbox(p, { hung: true });

/** It answers again, first the command that waits. @returns what became of that, or null. */
export function wake(p: Platform): Answer | null {
  const { hung, cmdResp } = mailboxOf(p);
  if (!hung) return null;
  patchMailbox(p, { hung: false });
  return cmdResp !== 0 && cmdResp < CMD_RESP.done ? answer(p) : null;
}
