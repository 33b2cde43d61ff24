import type { Known, Options } from './known';
import type { Word } from './lexer';
import { parseAction, usage } from './parse';
import { type Translated, type Translator, wrong } from './translator';

/** An instruction of SNP by its own name: the same words as behind the action’s. */
const instruction = (name: string, type: string, fields: string, help: string): Translator => ({
  name,
  help,
  usage: [{ line: `${name} ${fields}`, help }],
  translate: (words: readonly Word[], _, { vocabulary }: Known): Translated => {
    const info = vocabulary.find((each) => each.type === type);
    if (!info) return wrong(0, `${name} is not there`);
    const parsed = parseAction(info, words);
    return parsed.ok ? parsed : wrong(parsed.at, parsed.message.replace(usage(info), `${name} ${fields}`));
  },
  complete: (before, { vocabulary }): Options => {
    const given = new Set(before.map((word) => word.split('=')[0]));
    const infos = vocabulary.find((each) => each.type === type)?.fields ?? [];
    return infos
      .filter((info) => !given.has(info.name))
      .map((info) => ({ text: `${info.name}=`, help: info.help }));
  },
});

export const rmpVerbs: readonly Translator[] = [
  instruction(
    'rmpupdate',
    'host.rmpupdate',
    'at assigned [guest] [asid] [gpa] [size] [immutable]',
    'give a page to a guest or the firmware, or take it back',
  ),
  instruction('psmash', 'host.psmash', 'at', 'split 2 MiB of the RMP into 512 pages'),
  instruction(
    'pvalidate',
    'guest.pvalidate',
    'guest at [validated] [size]',
    'accept a page of a guest, or give it up',
  ),
  instruction(
    'rmpadjust',
    'guest.rmpadjust',
    'guest at vmpl [read] [write] [user] [supervisor] [vmsa] [size] [vcpu]',
    'say what a less privileged VMPL of a guest may do with a page',
  ),
  instruction(
    'rmpquery',
    'guest.rmpquery',
    'guest at vmpl [vcpu]',
    'ask what a VMPL of a guest may do with a page (Genoa)',
  ),
  instruction('rmpread', 'host.rmpread', 'at', 'look at an entry of the RMP (Turin)'),
];
