import { type ActionDefinition, defineAction } from '../core/action';
import { ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { StickCell } from '../core/machineCells';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { STICK_RULES } from '../memory/stick';

/** What somebody with a screwdriver does to the sticks. */

const LOWEST = 20;
const HIGHEST = 40;
const line = field.count('which address bit, from 20 (1 MiB) on', LOWEST, HIGHEST);

const UNWIRED: StickCell = { dead: 0, next: null };

const stickOf = (p: Platform): StickCell => p.state.cell('stick') ?? UNWIRED;

const INSIDE: Rule = {
  id: 'stick.line-unused',
  says: 'An address line that no address of the machine uses tells nothing apart.',
  source: 'the machine’s memory map',
  standing: 'published',
};

/** Does the machine have addresses on both sides of the line? */
const isUsed = (p: Platform, bit: number): boolean => 2 ** bit < p.config.memory;

const unused = (p: Platform, bit: number) =>
  refuse(
    INSIDE,
    'refused',
    `No address of this machine has bit ${bit}.`,
    { line: bit, memory: p.config.memory },
    `A bit below ${Math.ceil(Math.log2(p.config.memory))}.`,
  );

const spd = defineAction({
  type: 'stick.spd',
  actor: 'physical',
  title: 'Put in sticks that lie',
  help: 'Sticks with half the cells, whose SPD claims the whole: from the next power-on an address bit reaches no cell.',
  schema: z.strictObject({ type: z.literal('stick.spd'), line }),
  who: () => 'probe',
  describe: ({ line: bit }) => `The SPD claims address bit ${bit}, which no cell has`,
  suggest: () => ({ line: LOWEST + 3 }),
  run: (p, { line: bit }) => {
    if (!isUsed(p, bit)) return unused(p, bit);
    p.trace.set('stick', 0, { ...stickOf(p), next: 2 ** bit });
    return ok({ from: 'the next power-on' });
  },
});

const interposer = defineAction({
  type: 'stick.interposer',
  actor: 'physical',
  title: 'Switch an interposer',
  help: 'A board between socket and stick holds an address line low, or lets it through, from this moment on.',
  schema: z.strictObject({
    type: z.literal('stick.interposer'),
    line,
    on: field.flag('hold the line low'),
  }),
  who: () => 'probe',
  describe: ({ line: bit, on }) => `The interposer ${on ? 'holds' : 'lets through'} address line ${bit}`,
  suggest: () => ({ line: LOWEST + 3, on: true }),
  run: (p, { line: bit, on }) => {
    if (!isUsed(p, bit)) return unused(p, bit);
    p.trace.set('stick', 0, { ...stickOf(p), dead: on ? 2 ** bit : 0 });
    p.trace.fact(
      'note',
      { what: on ? 'an address line is dead' : 'all address lines work' },
      STICK_RULES.dead,
    );
    return ok(null);
  },
});

export const STICK_ACTIONS: readonly ActionDefinition[] = [
  spd,
  interposer,
] as unknown as readonly ActionDefinition[];
