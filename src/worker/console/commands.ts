import { hex } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import type { Eye, Look } from '../../engine/core/look';
import type { Completion, Move } from '../protocol';
import type { Word } from './lexer';
import { parseNumber } from './parse';

/** What a command may ask of the session. */
export interface ConsoleHost {
  readonly usage: () => readonly string[];
  readonly helpFor: (verb: string) => readonly string[] | null;
  readonly look: (eye: Eye, address: number, length: number) => Look;
  readonly move: (move: Move) => void;
  readonly place: () => string;
  readonly digest: () => string;
}

export type CommandResult =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly at: number; readonly message: string };

/** A console word that is no action: it looks, or moves the cursor. */
export interface ConsoleCommand {
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  readonly run: (words: readonly Word[], host: ConsoleHost) => CommandResult;
  readonly complete?: (
    before: readonly string[],
    guests: readonly string[],
  ) => Completion['options'][number][];
}

const fine = (...lines: string[]): CommandResult => ({ ok: true, lines });

const EYES = ['dram', 'xen', 'xen.c0', 'xen.c1', 'device'];

function eyeNamed(text: string): Eye {
  if (text === 'dram') return { eye: 'dram' };
  if (text === 'device') return { eye: 'device' };
  if (text === 'xen') return { eye: 'host', c: 'mapped' };
  if (text === 'xen.c0' || text === 'xen.c1') return { eye: 'host', c: text === 'xen.c0' ? 0 : 1 };
  return { eye: 'guest', guest: text, space: 'gva' };
}

/** 16 bytes a line: address, hexadecimal, text. */
function dump(address: number, bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const row = bytes.subarray(i, i + 16);
    const text = Array.from(row, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join(
      '',
    );
    lines.push(`${hex(address + i).padEnd(16)} ${toHex(row).replace(/(..)/g, '$1 ').padEnd(48)} ${text}`);
  }
  return lines;
}

const peek: ConsoleCommand = {
  name: 'peek',
  usage: 'peek dram|xen|xen.c0|xen.c1|device|<guest> <address> [length]',
  help: 'what would be read there, without doing it',
  complete: (before, guests) =>
    before.length === 0 ? [...EYES, ...guests].map((text) => ({ text, help: 'whose eye' })) : [],
  run: (words, host) => {
    const [who, at, length] = words;
    if (!who || !at) return { ok: false, at: who?.end ?? 0, message: peek.usage };
    const address = parseNumber(at.text);
    const count = length ? parseNumber(length.text) : 64;
    if (address === null) return { ok: false, at: at.start, message: 'an address is wanted, as 0x12000' };
    if (count === null || count < 1 || count > 4096)
      return { ok: false, at: length?.start ?? 0, message: 'a length from 1 to 4096 is wanted' };
    const seen = host.look(eyeNamed(who.text), address, count);
    return seen.ok
      ? fine(...dump(address, seen.bytes), `read with: ${seen.key}`)
      : fine(`${seen.fault.name}: ${seen.fault.message}`);
  },
};

const moving = (
  name: string,
  help: string,
  where: (words: readonly Word[]) => Move | null,
): ConsoleCommand => ({
  name,
  usage: name,
  help,
  run: (words, host) => {
    const move = where(words);
    if (!move) return { ok: false, at: words[0]?.start ?? 0, message: `a number is wanted: ${name} n` };
    host.move(move);
    return fine(host.place());
  },
});

const help: ConsoleCommand = {
  name: 'help',
  usage: 'help [verb]',
  help: 'this list, or one verb in full',
  run: ([verb], host) => {
    if (!verb) return fine(...host.usage());
    const lines = host.helpFor(verb.text);
    return lines ? fine(...lines) : { ok: false, at: verb.start, message: `there is no verb ${verb.text}` };
  },
};

export const COMMANDS: readonly ConsoleCommand[] = [
  help,
  peek,
  moving('step', 'one change on', () => ({ to: 'step', by: 1 })),
  moving('back', 'one change back', () => ({ to: 'step', by: -1 })),
  moving('over', 'to the end of the next call', () => ({ to: 'over', by: 1 })),
  moving('into', 'into the next call', () => ({ to: 'into' })),
  moving('out', 'to the end of this call', () => ({ to: 'out' })),
  moving('fault', 'to the next refusal', () => ({ to: 'fault', by: 1 })),
  moving('seek', 'to a change by its number', ([word]) => {
    const change = word ? parseNumber(word.text) : null;
    return change === null ? null : { to: 'change', change };
  }),
  {
    name: 'digest',
    usage: 'digest',
    help: 'SHA-256 of everything that the machine holds',
    run: (_, host) => fine(host.digest()),
  },
];
