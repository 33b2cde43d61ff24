import { parseArgs } from 'node:util';
import { definitionOf, vocabulary } from '../engine/actions';
import { z } from '../engine/core/zod';
import { type Command, EXIT_OK } from './command';

/** Prints the vocabulary: everything that anybody can do, with its schema. */
export const actions: Command = {
  name: 'actions',
  usage: '',
  summary: 'Print every action that scenarios, the console and links can name, with its JSON Schema.',
  run(args, output) {
    parseArgs({ args: [...args] });
    const all = vocabulary().map((info) => ({ ...info, schema: schemaOf(info.type) }));
    output.line(JSON.stringify(all, null, 2));
    return EXIT_OK;
  },
};

function schemaOf(type: string): object {
  const definition = definitionOf(type);
  if (!definition) throw new Error(`the vocabulary lists ${type}, and nobody defines it`);
  return z.toJSONSchema(definition.schema, { io: 'input' });
}
