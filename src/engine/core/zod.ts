import { en } from 'zod/locales';
import * as z from 'zod/mini';

// The page's policy forbids eval; zod would try it, to be faster, and the browser would report that. Every schema that runs
// in the page imports zod from here, so that this is said before the first one is made. The small build of zod, because the
// worker must arrive before the first picture.
z.config({ jitless: true, ...en() });

export { z };

/** A whole number from `min` to `max`. */
export const whole = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max));

/** A text of `min` to `max` characters. */
export const chars = (min: number, max: number) => z.string().check(z.minLength(min), z.maxLength(max));

/** A list of `min` to `max` items. */
export const listOf = <S extends z.ZodMiniType>(item: S, min: number, max: number) =>
  z.array(item).check(z.minLength(min), z.maxLength(max));

/** Adds what forms and published schemas say about a value; `id` names the schema where it is used more than once. */
export function described<S extends z.ZodMiniType>(
  schema: S,
  meta: { description?: string; id?: string },
): S {
  z.globalRegistry.add(schema, meta);
  return schema;
}
