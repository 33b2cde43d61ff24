import type { Change } from '../../../engine/core/change';
import type { JsonObject } from '../../../engine/core/json';
import type { Journal } from '../../../history/journal';
import type { LoggedSpan } from '../../../history/spanLog';
import type { CommandLog, CommandRecord } from '../../firmwareViews';
import type { Host } from '../../protocol';
import { commandByName } from './names';

/** Most commands that are told of. */
const MOST = 400;
/** Most changes of one command that are looked through, from either end: states change last, contexts are made first. */
const EDGE = 48;

/** A command that the firmware of a host got, with a name that it knows or without. */
export const isCommand = ({ layer, name, args }: LoggedSpan, host: Host): boolean =>
  layer === 'asp' &&
  (args.host ?? 'a') === host &&
  (commandByName(name) !== null || name.startsWith('command 0x'));

/** The commands that came before the cursor and those that already came after it. */
export function commandLog(journal: Journal, host: Host): CommandLog {
  const { spans } = journal;
  const records: CommandRecord[] = [];
  let id = spans.end - 1;
  for (; id >= spans.first && records.length < MOST; id--) {
    const span = spans.get(id);
    if (span && isCommand(span, host)) records.push(commandRecord(journal, span));
  }
  return { records: records.reverse(), shortened: id >= spans.first };
}

export function commandRecord(journal: Journal, span: LoggedSpan): CommandRecord {
  const moves: CommandRecord['moves'][number][] = [];
  let handle = typeof span.args.HANDLE === 'number' && span.args.HANDLE > 0 ? span.args.HANDLE : null;
  for (const moved of edges(journal, span)) {
    const change = moved.store === 'far' ? moved.change : moved;
    if (change.store !== 'cell') continue;
    const [kind, number] = change.key.split('/');
    if (kind === 'handle') {
      handle = Number(number);
      moves.push(...stateMoves(`guest ${number}`, change, 'state', 'UNINIT'));
      moves.push(...stateMoves(`activation of ${number}`, change, 'activation', 'inactive'));
    }
    if (kind === 'platform') moves.push(...stateMoves('platform', change, 'sev', 'UNINIT'));
  }
  const result = (span.result ?? {}) as JsonObject;
  const { id, name, start, end, action } = span;
  return { id, name, start, end, action, handle, status: String(result.status ?? ''), moves };
}

/** The changes of a span; of a long one those at its beginning and at its end. */
function* edges(journal: Journal, { start, end }: LoggedSpan): Generator<Change> {
  const last = Math.min(end, journal.length);
  for (let index = Math.max(start, journal.firstKept); index < last; index++) {
    if (index === start + EDGE && last - EDGE > index) index = last - EDGE;
    yield journal.at(index);
  }
}

/** A field of a cell that has another value afterwards; where there is no cell it has its value from the beginning. */
function stateMoves(
  what: string,
  { before, after }: Extract<Change, { store: 'cell' }>,
  field: string,
  without: string,
): CommandRecord['moves'][number][] {
  const value = (cell: object | null): string =>
    String((cell as Record<string, unknown> | null)?.[field] ?? without);
  const [from, to] = [value(before), value(after)];
  return from === to ? [] : [{ what, from, to }];
}
