import { expect, it } from 'vitest';
import { scenarioJsonSchema } from './jsonSchema';

it('the published schema is up to date (npx vitest run src/scenario/jsonSchema.test.ts -u writes it)', async () => {
  const path = new URL('../../public/scenario.schema.json', import.meta.url).pathname;
  await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(path);
});
