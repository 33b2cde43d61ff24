import { chars, described, whole, z } from '../engine/core/zod';
import { bytesOf, parseExpression } from './expression';

/** The small values that scenario files are made of, each checked alone. */

const isExpression = (text: string): boolean => parseExpression(text) !== null;

const IS_EXPRESSION = z.refine<string>(isExpression, {
  error:
    'this is no address: write a number, alice:balance, spa(alice:balance), vmcb(alice) or table(alice, 1)',
});

const expression = described(chars(0, 100).check(IS_EXPRESSION), {
  id: 'expression',
  description: 'An address expression: alice:balance + 0x10, spa(alice:balance), vmcb(alice), 2 MiB',
});

/** A number, or an address expression that is resolved when the step runs. */
export const address = described(z.union([whole(0, 2 ** 52 - 1), expression]), { id: 'address' });
export type Address = z.infer<typeof address>;

/** A number field of an action, which may also be given by an expression. */
export const orExpression = (number: z.ZodMiniType): z.ZodMiniType => z.union([number, expression]);

/** A number of bytes, or the same as `16 MiB`, between two limits. */
export const size = (min: number, max: number) =>
  z.union([z.int(), chars(0, 24).check(SIZE)]).check(
    z.refine((value) => inside(bytesOf(value), min, max), {
      error: `a size between ${min} and ${max} bytes is wanted`,
    }),
  );

const SIZE = z.regex(/^\d+ (KiB|MiB|GiB|TiB)$/, 'a size is written 16 MiB, or as a number of bytes');

const inside = (value: number, min: number, max: number): boolean => value >= min && value <= max;

export const line = (max: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(max));
