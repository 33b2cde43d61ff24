import { readFields } from '../../engine/asp/fields';
import { type CommandName, LAYOUTS } from '../../engine/asp/layouts';
import { MAILBOX_REGISTERS } from '../../engine/asp/mailbox';
import type { JsonObject } from '../../engine/core/json';
import type { Known, Options } from './known';
import type { Word } from './lexer';
import { parseNumber } from './parse';
import { type Translated, type Translator, wrong } from './translator';

/** Words that are no command of the firmware. */
const SHORT: Readonly<Record<string, { readonly help: string; readonly action: JsonObject }>> = {
  status: {
    help: 'PLATFORM_STATUS: state, version, guests',
    action: { type: 'asp.command', command: 'PLATFORM_STATUS' },
  },
  hang: { help: 'let it stop answering', action: { type: 'asp.hang' } },
  wake: { help: 'let it answer again', action: { type: 'asp.wake' } },
};

const commandNames = ({ vocabulary }: Known): readonly string[] =>
  (
    vocabulary.find(({ type }) => type === 'asp.command')?.fields.find(({ name }) => name === 'command')
      ?.choices ?? []
  ).map(String);

const fieldNames = (command: string): string[] =>
  (LAYOUTS[command as CommandName] ?? [])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('reserved'));

/** `buffer=` and `c=` are the action's own; every other word is a field of the command. */
function readCommand(name: CommandName, words: readonly Word[]): Translated {
  const action: Record<string, string | number | boolean> = { type: 'asp.command', command: name };
  const fields: Word[] = [];
  for (const word of words) {
    const [key, value = ''] = word.text.split('=');
    if (key === 'buffer') {
      const address = parseNumber(value);
      if (address === null) return wrong(word.start, 'buffer: an address is wanted, as 0x9000');
      action.buffer = address;
    } else if (key === 'c') action.c = /^(1|yes|true|on)$/.test(value);
    else fields.push(word);
  }
  const [first] = fields;
  if (first) {
    // With the blanks as typed, so that the column of a mistake is that of the line.
    const text = fields.reduce((sum, { text: field, start }) => sum.padEnd(start - first.start) + field, '');
    const read = readFields(name, text);
    if (!read.ok) {
      const column = Number(read.fault.inputs.column ?? 1);
      return wrong(
        first.start + column - 1,
        `${read.fault.message.replace(/^Column \d+: /, '')} ${read.fault.remedy}`,
      );
    }
    action.fields = text.replace(/\s+/g, ' ');
  }
  return { ok: true, action };
}

/** CmdResp and its neighbours, written by hand. */
function readWrite([register, value]: readonly Word[], verb: Word): Translated {
  const names = MAILBOX_REGISTERS.join(', ');
  if (!register || !value)
    return wrong(register?.end ?? verb.end, `asp write REGISTER VALUE; registers: ${names}`);
  if (!(MAILBOX_REGISTERS as readonly string[]).includes(register.text))
    return wrong(register.start, `there is no register ${register.text.slice(0, 40)}; there are ${names}`);
  const number = parseNumber(value.text);
  if (number === null || number > 0xffffffff) return wrong(value.start, 'a number of 32 bits is wanted');
  return { ok: true, action: { type: 'asp.mailbox', register: register.text, value: number } };
}

/** The secure processor, past Xen's driver. */
export const asp: Translator = {
  name: 'asp',
  help: 'raw commands to the secure processor',
  usage: [
    {
      line: 'asp COMMAND [FIELD=NUMBER …]',
      help: 'put a command into the mailbox: asp LAUNCH_MEASURE HANDLE=1',
    },
    { line: 'asp status', help: SHORT.status?.help ?? '' },
    { line: 'asp write REGISTER VALUE', help: 'write one of the mailbox’s registers' },
    { line: 'asp hang, asp wake', help: 'let it stop answering, and answer again' },
  ],
  translate: ([verb, ...words], line, known) => {
    if (!verb) return wrong(line.trimEnd().length, 'asp does what? asp status, or a command of the firmware');
    const short = SHORT[verb.text];
    if (short)
      return words[0] ? wrong(words[0].start, 'nothing more is wanted') : { ok: true, action: short.action };
    if (verb.text === 'write') return readWrite(words, verb);
    const name = verb.text.toUpperCase();
    if (!commandNames(known).includes(name))
      return wrong(verb.start, `the firmware has no command ${verb.text.slice(0, 40)}; Tab lists them`);
    return readCommand(name as CommandName, words);
  },
  complete: ([verb, ...before], known): Options => {
    if (verb === undefined)
      return [
        ...Object.entries(SHORT).map(([text, { help }]) => ({ text, help })),
        { text: 'write', help: 'a register of the mailbox' },
        ...commandNames(known).map((text) => ({ text, help: fieldNames(text).join(' ') || 'no fields' })),
      ];
    if (verb === 'write')
      return before.length === 0 ? MAILBOX_REGISTERS.map((text) => ({ text, help: 'register' })) : [];
    const given = new Set(before.map((word) => word.split('=')[0]));
    return fieldNames(verb.toUpperCase())
      .filter((name) => !given.has(name))
      .map((name) => ({ text: `${name}=`, help: `field of ${verb.toUpperCase()}` }));
  },
};
