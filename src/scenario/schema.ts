import { DEFINITIONS } from '../engine/actions';
import { fieldInfos } from '../engine/core/fields';
import type { Json } from '../engine/core/json';
import { PROMISED } from '../engine/core/lamps';
import type { FieldInfo } from '../engine/core/vocabulary';
import { described, listOf, z } from '../engine/core/zod';
import { aim, attack, bySwitch, onlyOn } from './attack';
import { expectation } from './expectation';
import { address, line, orExpression } from './fields';
import { machine } from './machineSchema';
import { PICTURE_NAMES } from './pictures';
import { ROW_NAMES } from './rows';

/** The form of a scenario file; `public/scenario.schema.json` is made from it. */

const STEPS = 64;
const ACTIONS_A_STEP = 64;

/** Where the stage can stand; the ids of the tabs in `ui/stage/tabs.ts`. */
const TABS = [
  'memory',
  'machine',
  'walk',
  'xen',
  'states',
  'keys',
  'registers',
  'cache',
  'matrix',
  'asids',
  'rmp',
  'launch',
] as const;

const takesExpression = (field: z.ZodMiniType, kind: FieldInfo['kind'] | undefined): boolean =>
  field instanceof z.ZodMiniNumber || kind === 'value';

/** The same fields as the action itself, but numbers and values may be expressions, and pictures of our own take a file's place. */
function actionInScenario({ type, schema, help }: (typeof DEFINITIONS)[number]): z.ZodMiniObject {
  const shape: Record<string, z.ZodMiniType> = {};
  const kinds = new Map(fieldInfos(schema).map((field) => [field.name, field.kind]));
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodMiniType>)) {
    const optional = field instanceof z.ZodMiniOptional;
    const inner = optional ? (field.def.innerType as z.ZodMiniType) : field;
    const wider = takesExpression(inner, kinds.get(name)) ? orExpression(inner) : inner;
    shape[name] = optional ? z.optional(wider) : wider;
  }
  if (type === 'guest.load') {
    const { type: literal, guest } = shape;
    const picture = described(z.enum(PICTURE_NAMES), {
      description: 'One of the pictures that come with SEVscope',
    });
    return z.strictObject({
      type: literal!,
      guest: guest!,
      picture,
      name: z.optional(line(64)),
      tech: onlyOn,
      ...bySwitch,
    });
  }
  return described(z.strictObject({ ...shape, tech: onlyOn, ...bySwitch }), { description: help });
}

/** An action before its expressions are resolved; `tech`, `only_with`, `not_with`: where alone, or with which switch, it is done. */
export type ScenarioAction = { readonly type: string } & { readonly [field: string]: Json };

const action = z.discriminatedUnion(
  'type',
  DEFINITIONS.map(actionInScenario) as unknown as [z.ZodMiniObject<{ type: z.ZodMiniLiteral<string> }>],
) as unknown as z.ZodMiniType<ScenarioAction>;

const view = z.strictObject({
  tab: z.optional(z.enum(TABS)),
  page: z.optional(address),
  eye: z.optional(
    described(line(48), {
      description:
        'memory: whose eye. registers: a face (registers, exits, ghcb or program), and behind it vCPUs: exits alice bob.1. cache: tlb for the translations in front',
    }),
  ),
});

const option = z.strictObject({
  say: described(line(120), { description: 'The answer as it is offered' }),
  when: described(z.union([expectation, listOf(expectation, 1, 16)]), {
    description: 'It is right when this holds after the step; exactly one option must be',
  }),
  because: z.optional(described(line(240), { description: 'Why, when this option is right' })),
});

const predict = z.strictObject({
  ask: described(line(200), { description: 'A question that is put before the step' }),
  options: listOf(option, 2, 6),
});

const step = described(
  z.strictObject({
    title: line(80),
    narration: described(line(400), { description: 'A sentence or two of plain text' }),
    do: described(z.optional(listOf(action, 0, ACTIONS_A_STEP)), {
      description: 'What happens; nothing in a step that only looks',
    }),
    tech: onlyOn,
    view: z.optional(view),
    predict: z.optional(predict),
    aim: z.optional(aim),
    expect: z.optional(listOf(expectation, 0, 64)),
  }),
  { id: 'step' },
);

/** A scenario file as data. */
export const scenarioSchema = z.strictObject({
  title: line(80),
  summary: described(line(200), { description: 'One sentence' }),
  rows: described(listOf(z.enum(ROW_NAMES), 0, 16), { description: 'Rows of the talk that it shows' }),
  machine: z.optional(machine),
  breaks: z.optional(
    described(listOf(z.enum(PROMISED), 1, PROMISED.length), {
      description:
        'The lamps that turn red in it, since somebody breaks something on purpose; without it none does',
    }),
  ),
  attack: z.optional(attack),
  steps: listOf(step, 1, STEPS),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Step = Scenario['steps'][number];
export type PredictOption = NonNullable<Step['predict']>['options'][number];
