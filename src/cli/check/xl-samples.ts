import { z } from 'zod';
import { DIALECTS } from '../../engine/xen/xl/dialects';
import { parseXl } from '../../engine/xen/xl/parse';
import { expectedOf } from '../xl/expected';
import { canonical } from './canonical';
import { type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const sample = z.object({
  dialect: z.enum(DIALECTS),
  text: z.string(),
  expect: z.object({ ok: z.boolean() }).catchall(z.unknown()),
});

/** Every field that is expected must be there and equal; lists and maps as a whole, so that nothing is left over. */
function compareSample({ dialect, text, expect }: z.infer<typeof sample>, compare: Compare): void {
  const got = expectedOf(parseXl(text, dialect), dialect);
  for (const [field, value] of Object.entries(expect)) {
    compare(field, canonical(value), canonical(got[field]));
  }
}

const samplesOf = (json: unknown): unknown =>
  isRecord(json) && isRecord(json.xlCfg) ? json.xlCfg.samples : undefined;

/** Guest configurations and what xl makes of them, in the format of `xlCfg.samples` of `xen.json`. */
export const xlSamples = {
  name: 'guest configurations of xl',
  recognises: (json: unknown) => hasEntryWith(samplesOf(json), 'dialect', 'text', 'expect'),
  run: (json: unknown) => runSection({ samples: samplesOf(json) }, 'samples', sample, compareSample),
} satisfies Recogniser;
