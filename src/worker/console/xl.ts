import type { Known, Options } from './known';
import type { Word } from './lexer';
import { type Translated, type Translator, wrong } from './translator';

interface Subcommand {
  readonly line: string;
  readonly help: string;
  readonly read: (words: readonly Word[], line: string, known: Known, verb: Word) => Translated;
  readonly complete?: (before: readonly string[], known: Known) => Options;
}

/** Where xl looks for a file that is named without a folder. */
const FOLDER = '/etc/xen/';

/** What `xl create` lets one set on the command line, most wanted first. */
const SETTINGS: Options = [
  { text: 'memory=', help: 'MiB of memory' },
  { text: 'vcpus=', help: 'virtual processors' },
  { text: 'coco=', help: '1: an encrypted guest, where this xl knows the key' },
  { text: 'name=', help: 'another name, in quotation marks' },
  { text: 'sev_policy=', help: 'the guest policy, where this xl knows the key' },
];

const guestNames = ({ guests }: Known): Options =>
  guests.map(({ name, id }) => ({ text: name, help: `domain ${id}` }));

/** A domain by its name or its number. */
function guestNamed(word: Word, { guests }: Known): string {
  const byNumber = /^\d+$/.test(word.text) && guests.find(({ id }) => id === Number(word.text));
  return byNumber ? byNumber.name : word.text;
}

const onGuest = (type: string, name: string, help: string): Subcommand => ({
  line: `${name} GUEST`,
  help,
  complete: (before, known) => (before.length === 0 ? guestNames(known) : []),
  read: ([guest, extra], _, known, verb) => {
    if (!guest) return wrong(verb.end, `which guest? xl ${name} GUEST`);
    if (extra) return wrong(extra.start, `xl ${name} takes one guest`);
    return { ok: true, action: { type, guest: guestNamed(guest, known) } };
  },
});

const alone = (type: string, name: string, help: string): Subcommand => ({
  line: name,
  help,
  read: ([extra]) =>
    extra ? wrong(extra.start, `xl ${name} takes nothing more here`) : { ok: true, action: { type } },
});

/** The setting as it was typed: its quotation marks are for xl, a pair around all of it is for the shell. */
const asTyped = ({ start, end }: Word, line: string): string =>
  line.slice(start, end).replace(/^'(.*)'$/s, '$1');

const create: Subcommand = {
  line: 'create [-p] FILE [KEY=VALUE …]',
  help: 'create a guest from a configuration and start it; -p leaves it paused',
  complete: (before, { files }) => {
    const file = before.find((word) => !word.startsWith('-'));
    if (file) return SETTINGS.filter(({ text }) => !before.some((word) => word.startsWith(text)));
    return [
      ...files.map((text) => ({ text, help: 'configuration of Domain-0' })),
      ...(before.includes('-p') ? [] : [{ text: '-p', help: 'leave it paused' }]),
    ];
  },
  read: (words, line, _, verb) => {
    let file: string | null = null;
    let paused = false;
    const settings: string[] = [];
    for (const word of words) {
      if (word.text === '-p' || word.text === '--paused') paused = true;
      else if (word.text.startsWith('-'))
        return wrong(word.start, `the option ${word.text} is not modelled; -p leaves the guest paused`);
      else if (word.text.includes('=')) settings.push(asTyped(word, line));
      else if (file === null) file = word.text.replace(FOLDER, '');
      else return wrong(word.start, 'one configuration at a time; settings are written KEY=VALUE');
    }
    if (file === null) return wrong(verb.end, 'which configuration? xl create alice.cfg');
    return {
      ok: true,
      action: {
        type: 'xl.create',
        config: file,
        ...(settings.length > 0 ? { extra: settings.join(' ') } : {}),
        ...(paused ? { paused } : {}),
      },
    };
  },
};

const migrate: Subcommand = {
  line: 'migrate GUEST [host-b]',
  help: 'send a running encrypted guest to the second host',
  complete: (before, known) =>
    before.length === 0
      ? guestNames(known)
      : before.length === 1
        ? [{ text: 'host-b', help: 'the second host' }]
        : [],
  read: ([guest, host, extra], _, known, verb) => {
    if (!guest) return wrong(verb.end, 'which guest? xl migrate GUEST host-b');
    if (host && host.text !== 'host-b') return wrong(host.start, 'the only other host is host-b');
    if (extra) return wrong(extra.start, 'xl migrate takes a guest and a host');
    return { ok: true, action: { type: 'xl.migrate', guest: guestNamed(guest, known) } };
  },
};

const debugKeys: Subcommand = {
  line: 'debug-keys a',
  help: 'make Xen print who holds which ASID',
  complete: (before) => (before.length === 0 ? [{ text: 'a', help: 'the ASIDs' }] : []),
  read: ([key, extra], _, __, verb) => {
    if (!key) return wrong(verb.end, 'which key? Only a, for the ASIDs, is modelled');
    if (key.text !== 'a') return wrong(key.start, 'of the debug keys only a, for the ASIDs, is modelled');
    if (extra) return wrong(extra.start, 'one key at a time');
    return { ok: true, action: { type: 'xl.debug-keys', keys: 'a' } };
  },
};

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map([
  ['create', create],
  ['list', alone('xl.list', 'list', 'domains: number, memory, vCPUs, state')],
  ['info', alone('xl.info', 'info', 'the machine and its Xen')],
  ['pause', onGuest('xl.pause', 'pause', 'take a guest off the cores')],
  ['unpause', onGuest('xl.unpause', 'unpause', 'let it run; the first time this ends its launch')],
  ['destroy', onGuest('xl.destroy', 'destroy', 'end a guest and give up its handle and ASID')],
  ['migrate', migrate],
  ['dmesg', alone('xl.dmesg', 'dmesg', 'Xen’s console ring')],
  ['debug-keys', debugKeys],
]);

/** The subcommands whose action this machine knows. */
const known = ({ vocabulary }: Known): (readonly [string, Subcommand])[] =>
  [...SUBCOMMANDS].filter(([name]) => vocabulary.some(({ type }) => type === `xl.${name}`));

/** Xen's own command line tool. */
export const xl: Translator = {
  name: 'xl',
  help: 'Xen’s toolstack, as one types it in Domain-0',
  usage: [...SUBCOMMANDS.values()].map(({ line, help }) => ({ line: `xl ${line}`, help })),
  translate: ([verb, ...words], line, session) => {
    const all = known(session);
    const names = all.map(([name]) => name).join(', ');
    if (!verb) return wrong(line.trimEnd().length, `xl does what? It knows ${names}`);
    const found = all.find(([name]) => name === verb.text);
    if (!found) return wrong(verb.start, `xl has no ${verb.text.slice(0, 40)} here; it knows ${names}`);
    return found[1].read(words, line, session, verb);
  },
  complete: ([verb, ...before], session) => {
    const all = known(session);
    if (verb === undefined) return all.map(([text, { help }]) => ({ text, help }));
    return all.find(([name]) => name === verb)?.[1].complete?.(before, session) ?? [];
  },
};
