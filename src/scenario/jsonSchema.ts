import { z } from '../engine/core/zod';
import { scenarioSchema } from './schema';

/** The form of a scenario file as JSON Schema, for editors and for those who write one by hand. */
export const scenarioJsonSchema = (): object => ({
  ...z.toJSONSchema(scenarioSchema, { io: 'input' }),
  title: 'SEVscope scenario',
  description: 'A scenario of SEVscope: a machine, steps, questions and expectations',
});
