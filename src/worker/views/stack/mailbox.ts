import type { Change, FactChange } from '../../../engine/core/change';
import type { JsonObject } from '../../../engine/core/json';
import type { LoggedSpan } from '../../../history/spanLog';

/** Reads the journal; null where nothing is kept. */
export type ReadChange = (index: number) => Change | null;

/** The writes that ring the mailbox, up to the read that ends the wait. */
export interface Ring {
  readonly start: number;
  readonly end: number;
  /** Number of the command that was written. */
  readonly command: number;
  readonly written: JsonObject;
  readonly answered: JsonObject;
}

/** Longest way from a firmware command to the writes before it and to the read behind it: the firmware fetches its buffer. */
const REACH = 64;

const access = (change: Change | null): FactChange | null =>
  change?.store === 'fact' && change.what === 'bus' && typeof change.data.register === 'string'
    ? change
    : null;

const isAccess = (change: Change | null, event: string, register: string): boolean => {
  const found = access(change);
  return found?.data.event === event && found.data.register === register;
};

const hex = (value: unknown): string => `0x${Number(value).toString(16)}`;

type Extent = Pick<LoggedSpan, 'start' | 'end'>;

/** The ring around a firmware command inside a driver's call: from the first write to the read of the answer. */
export function ringAround({ start, end }: Extent, within: Extent, read: ReadChange): Ring | null {
  let first = start;
  const earliest = Math.max(within.start, start - REACH);
  while (first > earliest && !isAccess(read(first), 'register write', 'CmdBufAddr_Lo')) first--;
  let last = end;
  const latest = Math.min(within.end, end + REACH);
  while (last < latest && !isAccess(read(last), 'register read', 'CmdResp')) last++;
  return ringOf(first, Math.min(last + 1, within.end), read);
}

/** The same inside a call in which no firmware ran. */
export function ringOf(from: number, to: number, read: ReadChange): Ring | null {
  const written: Record<string, string> = {};
  const answered: Record<string, string> = {};
  let [start, end, command] = [-1, -1, 0];
  for (let index = from; index < to; index++) {
    const found = access(read(index));
    if (!found) continue;
    const { register, value, event } = found.data;
    if (start < 0) start = index;
    end = index + 1;
    if (event === 'register read') answered[String(register)] = hex(value);
    else {
      written[String(register)] = hex(value);
      if (register === 'CmdResp') command = (Number(value) >>> 16) & 0x7ff;
    }
  }
  return 'CmdResp' in written ? { start, end, command, written, answered } : null;
}
