import { fromHex } from './bytes';
import type { FieldInfo } from './vocabulary';
import { z } from './zod';

/**
 * The kinds of field that actions are made of. Each is a zod schema that carries, as metadata, how a form and the console
 * enter it; `fieldInfos` reads them back.
 */
type Meta = { kind: FieldInfo['kind']; help: string };

const LIMIT = 2 ** 52 - 1;

const address = (help: string) =>
  z
    .number()
    .int()
    .min(0)
    .max(LIMIT)
    .meta({ kind: 'address', help } satisfies Meta);

const count = (help: string, min: number, max: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(max)
    .meta({ kind: 'number', help } satisfies Meta);

const flag = (help: string) => z.boolean().meta({ kind: 'boolean', help } satisfies Meta);

const choice = <const V extends readonly [string, ...string[]]>(help: string, values: V) =>
  z.enum(values).meta({ kind: 'choice', help } satisfies Meta);

const guest = (help = 'which guest') =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'a guest is named by 1 to 16 lower-case letters, digits and hyphens')
    .meta({ kind: 'guest', help } satisfies Meta);

const core = (help = 'which core') =>
  z
    .number()
    .int()
    .min(0)
    .max(1023)
    .meta({ kind: 'core', help } satisfies Meta);

/** Text, or bytes as `hex:…`; at most 4,096 bytes. */
const data = (help: string) =>
  z
    .string()
    .min(1)
    .max(8200)
    .refine(
      (text) => isData(text),
      'bytes are written hex: and an even number of hexadecimal digits, at most 4096 bytes',
    )
    .meta({ kind: 'data', help } satisfies Meta);

const text = (help: string, max = 64) =>
  z
    .string()
    .min(1)
    .max(max)
    .meta({ kind: 'text', help } satisfies Meta);

const blob = (help: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a file is named by the SHA-256 of its bytes')
    .meta({ kind: 'blob', help } satisfies Meta);

export const field = { address, count, flag, choice, guest, core, data, text, blob };

function isData(value: string): boolean {
  try {
    const { length } = dataBytes(value);
    return length > 0 && length <= 4096;
  } catch {
    return false;
  }
}

/** The bytes that a `data` field means. @throws RangeError on malformed `hex:`. */
export function dataBytes(value: string): Uint8Array {
  return value.startsWith('hex:')
    ? fromHex(value.slice(4).replace(/[\s_]/g, ''))
    : new TextEncoder().encode(value);
}

export function fieldInfos(schema: z.ZodObject): FieldInfo[] {
  return Object.entries(schema.shape)
    .filter(([name]) => name !== 'type')
    .map(([name, outer]) => {
      const optional = outer instanceof z.ZodOptional;
      const inner = (optional ? outer.unwrap() : outer) as z.ZodType;
      const meta = z.globalRegistry.get(inner) as Meta | undefined;
      if (!meta) throw new Error(`field ${name} has no kind`);
      const numeric =
        inner instanceof z.ZodNumber ? { min: inner.minValue ?? 0, max: inner.maxValue ?? LIMIT } : {};
      const choices = inner instanceof z.ZodEnum ? (inner.options as string[]) : [];
      return { name, kind: meta.kind, help: meta.help, optional, choices, ...numeric };
    });
}
