import { DEFINITIONS } from '../engine/actions';
import { completeConfig, partialConfigSchema } from '../engine/config';
import type { MachineConfig, Technology } from '../engine/core/config';
import type { Json } from '../engine/core/json';
import { z } from '../engine/core/zod';
import { expectation } from './expectation';
import { address, bytesOf, line, orExpression, size } from './fields';
import { PICTURE_NAMES } from './pictures';
import { ROW_NAMES } from './rows';

/** The form of a scenario file; `public/scenario.schema.json` is made from it. */

const MIB = 2 ** 20;
const STEPS = 64;
const ACTIONS_A_STEP = 64;

/** Where the stage can stand; the ids of the tabs in `ui/stage/tabs.ts`. */
const TABS = ['memory', 'machine', 'walk', 'cache', 'matrix', 'asids'] as const;

/** The same fields as the action itself, but numbers may be expressions, and pictures of our own take a file's place. */
function actionInScenario({ type, schema, help }: (typeof DEFINITIONS)[number]): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const optional = field instanceof z.ZodOptional;
    const inner = optional ? (field.unwrap() as z.ZodType) : field;
    const wider = inner instanceof z.ZodNumber ? orExpression(inner) : inner;
    shape[name] = optional ? z.optional(wider) : wider;
  }
  if (type === 'guest.load') {
    const { type: literal, guest } = shape;
    const picture = z
      .enum(PICTURE_NAMES)
      .meta({ description: 'One of the pictures that come with SEVscope' });
    return z.strictObject({ type: literal!, guest: guest!, picture, name: z.optional(line(64)) });
  }
  return z.strictObject(shape).meta({ description: help });
}

/** An action before its expressions are resolved. */
export type ScenarioAction = { readonly type: string } & { readonly [field: string]: Json };

const action = z.discriminatedUnion(
  'type',
  DEFINITIONS.map(actionInScenario) as unknown as [z.ZodObject<{ type: z.ZodLiteral<string> }>],
) as unknown as z.ZodType<ScenarioAction>;

const machine = partialConfigSchema.extend({
  memory: z.optional(size(4 * MIB, 2 ** 40)).meta({ description: 'Bytes of DRAM, or 16 MiB' }),
});

const view = z.strictObject({
  tab: z.optional(z.enum(TABS)),
  page: z.optional(address),
  eye: z.optional(line(20)),
});

const option = z.strictObject({
  say: line(120).meta({ description: 'The answer as it is offered' }),
  when: z
    .union([expectation, z.array(expectation).min(1).max(16)])
    .meta({ description: 'It is right when this holds after the step; exactly one option must be' }),
  because: z.optional(line(240).meta({ description: 'Why, when this option is right' })),
});

const predict = z.strictObject({
  ask: line(200).meta({ description: 'A question that is put before the step' }),
  options: z.array(option).min(2).max(6),
});

const step = z
  .strictObject({
    title: line(80),
    narration: line(400).meta({ description: 'A sentence or two of plain text' }),
    do: z
      .optional(z.array(action).max(ACTIONS_A_STEP))
      .meta({ description: 'What happens; nothing in a step that only looks' }),
    view: z.optional(view),
    predict: z.optional(predict),
    expect: z.optional(z.array(expectation).max(64)),
  })
  .meta({ id: 'step' });

/** A scenario file as data. */
export const scenarioSchema = z.strictObject({
  title: line(80),
  summary: line(200).meta({ description: 'One sentence' }),
  rows: z.array(z.enum(ROW_NAMES)).max(16).meta({ description: 'Rows of the talk that it shows' }),
  machine: z.optional(machine),
  steps: z.array(step).min(1).max(STEPS),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Step = Scenario['steps'][number];
export type PredictOption = NonNullable<Step['predict']>['options'][number];

/** The whole machine that a scenario asks for, perhaps with another technology or seed than it names. */
export function machineOf(
  scenario: Scenario,
  other: { technology?: Technology; seed?: number } = {},
): MachineConfig {
  const { memory, ...part } = scenario.machine ?? {};
  const bytes = memory === undefined ? {} : { memory: bytesOf(memory) };
  return completeConfig({ ...part, ...bytes, ...other });
}
