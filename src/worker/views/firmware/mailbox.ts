import { bufferSize, type CommandName, LAYOUTS, unpackCommand } from '../../../engine/asp/layouts';
import {
  CMD_RESP,
  MAILBOX_REGISTERS,
  type MailboxRegister,
  mailboxAddress,
  mailboxOf,
} from '../../../engine/asp/mailbox';
import { readHost, withoutC } from '../../../engine/asp/memory';
import { statusOf } from '../../../engine/asp/status';
import { hex, PAGE_SIZE, pfnOf } from '../../../engine/core/address';
import type { MailboxCell } from '../../../engine/core/aspCells';
import type { Platform } from '../../../engine/core/platform';
import { isUp } from '../../../engine/look';
import { reach } from '../../../engine/memory/regions';
import type { Journal } from '../../../history/journal';
import type { LoggedSpan } from '../../../history/spanLog';
import type { BufferField, MailboxView } from '../../firmwareViews';
import type { Host } from '../../protocol';
import { isCommand } from './log';
import { COMMAND_NAMES, commandByName } from './names';
import { rehearse } from './rehearse';

/** The registers at their addresses, and the last command's buffer as memory holds it now. */
export function mailboxView(p: Platform, journal: Journal, cursor: number, host: Host): MailboxView {
  const cell = mailboxOf(p);
  const values: Record<MailboxRegister, number> = {
    CmdResp: cell.cmdResp,
    CmdBufAddr_Lo: cell.bufferLow,
    CmdBufAddr_Hi: cell.bufferHigh,
    IntEnable: cell.interruptEnable,
    IntStatus: cell.interruptStatus,
  };
  return {
    registers: MAILBOX_REGISTERS.map((name) => ({
      name,
      address: mailboxAddress(p.config, name),
      value: values[name],
      bits: bitsOf(name, cell),
    })),
    hung: cell.hung,
    buffer: isUp(p) ? lastBuffer(p, journal, cursor, host) : null,
  };
}

function bitsOf(name: MailboxRegister, cell: MailboxCell): MailboxView['registers'][number]['bits'] {
  if (name === 'CmdResp') {
    const id = (cell.cmdResp >>> CMD_RESP.idShift) & CMD_RESP.idMask;
    const status = cell.cmdResp & CMD_RESP.status;
    const finished = cell.cmdResp >>> 31 === 1;
    return [
      { bits: '31', name: 'finished', value: finished ? '1' : '0' },
      { bits: '26:16', name: 'command', value: nameOf(id) },
      finished
        ? { bits: '15:0', name: 'status', value: statusOf(status)?.name ?? hex(status) }
        : { bits: '0', name: 'interrupt', value: String(cell.cmdResp & CMD_RESP.interrupt) },
    ];
  }
  if (name === 'CmdBufAddr_Lo' && cell.cmdResp >>> 31 === 1)
    return [{ bits: '9:0', name: 'newest extended error', value: String(cell.bufferLow & 0x3ff) }];
  if (name === 'IntEnable' || name === 'IntStatus') {
    const value = name === 'IntEnable' ? cell.interruptEnable : cell.interruptStatus;
    return [{ bits: '1', name: 'command complete', value: String((value >>> 1) & 1) }];
  }
  return [];
}

const nameOf = (id: number): string =>
  COMMAND_NAMES.find((name) => commandByName(name)?.id === id) ?? (id === 0 ? '–' : hex(id));

/** How far before a command its address is looked for: the registers are written right before it. */
const BELL = 16;

/** The address that was written to the registers for this command, with its C-bit. */
function writtenAddress(journal: Journal, { start }: LoggedSpan): bigint | null {
  let [low, high]: [number | null, number | null] = [null, null];
  for (let index = start - 1; index >= Math.max(start - BELL, journal.firstKept); index--) {
    const change = journal.at(index);
    if (change.store !== 'fact' || change.what !== 'bus' || change.data.event !== 'register write') continue;
    const { register, value } = change.data;
    if (register === 'CmdBufAddr_Lo') low ??= Number(value);
    if (register === 'CmdBufAddr_Hi') high ??= Number(value);
    if (low !== null && high !== null) return (BigInt(high) << 32n) | BigInt(low);
  }
  return null;
}

function lastBuffer(p: Platform, journal: Journal, cursor: number, host: Host): MailboxView['buffer'] {
  const { spans } = journal;
  for (let id = spans.lowerBound(cursor) - 1; id >= spans.first; id--) {
    const span = spans.get(id);
    if (!span || !isCommand(span, host) || span.start >= cursor) continue;
    const command = commandByName(span.name);
    if (!command || bufferSize(command.name) === 0) continue;
    const raw = writtenAddress(journal, span);
    return raw === null ? null : opened(p, span, command.name, raw);
  }
  return null;
}

function opened(p: Platform, span: LoggedSpan, name: CommandName, raw: bigint): MailboxView['buffer'] {
  const address = Number(withoutC(p, raw));
  const size = bufferSize(name);
  if (!reach(p, address, size).ok) return null;
  const bytes = rehearse(p, (platform) => readHost(platform, raw, size));
  const values = unpackCommand(name, bytes);
  const fields = LAYOUTS[name].map((field): BufferField => {
    const value = values[field.name] ?? 0n;
    const passed = span.args[field.name];
    const before = passed === undefined || passed === null ? null : BigInt(passed as string | number);
    const page = field.name.endsWith('PADDR') && value !== 0n ? Number(withoutC(p, value)) : null;
    const inside = page !== null && reach(p, page - (page % PAGE_SIZE), 1).ok;
    return {
      ...field,
      value: `0x${value.toString(16)}`,
      passed: before === null || before === value ? null : `0x${before.toString(16)}`,
      points: inside ? pfnOf(page) : null,
    };
  });
  return { command: name, address, encrypted: raw !== BigInt(address), bytes, fields };
}
