import { z } from '../engine/core/zod';
import { parseExpression, parseSize } from './expression';

/** The small values that scenario files are made of, each checked alone. */

const isExpression = (text: string): boolean => parseExpression(text) !== null;

const expression = z
  .string()
  .max(100)
  .refine(isExpression, {
    error:
      'this is no address: write a number, alice:balance, spa(alice:balance), vmcb(alice) or table(alice, 1)',
  })
  .meta({
    id: 'expression',
    description: 'An address expression: alice:balance + 0x10, spa(alice:balance), vmcb(alice), 2 MiB',
  });

/** A number, or an address expression that is resolved when the step runs. */
export const address = z
  .union([
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 52 - 1),
    expression,
  ])
  .meta({ id: 'address' });
export type Address = z.infer<typeof address>;

/** A number field of an action, which may also be given by an expression. */
export const orExpression = (number: z.ZodType): z.ZodType => z.union([number, expression]);

/** A number of bytes, or the same as `16 MiB`, between two limits. */
export const size = (min: number, max: number) =>
  z
    .union([
      z.number().int(),
      z
        .string()
        .max(24)
        .regex(/^\d+ (KiB|MiB|GiB|TiB)$/, 'a size is written 16 MiB, or as a number of bytes'),
    ])
    .refine((value) => inside(bytesOf(value), min, max), {
      error: `a size between ${min} and ${max} bytes is wanted`,
    });

/** The bytes that a checked `size` means. */
export const bytesOf = (value: number | string): number =>
  typeof value === 'number' ? value : (parseSize(value) ?? Number.NaN);

const inside = (value: number, min: number, max: number): boolean => value >= min && value <= max;

export const line = (max: number) => z.string().trim().min(1).max(max);
