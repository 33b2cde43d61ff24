import { fromHex } from './bytes';
import type { FieldInfo } from './vocabulary';
import { chars, whole, z } from './zod';

/**
 * The kinds of field that actions are made of. Each is a zod schema that carries, as metadata, how a form and the console
 * enter it; `fieldInfos` reads them back.
 */
type Meta = { kind: FieldInfo['kind']; help: string };

const LIMIT = 2 ** 52 - 1;

/** A schema that knows how it is entered. */
function entered<S extends z.ZodMiniType>(schema: S, kind: Meta['kind'], help: string): S {
  z.globalRegistry.add(schema, { kind, help } satisfies Meta);
  return schema;
}

const address = (help: string) => entered(whole(0, LIMIT), 'address', help);

const count = (help: string, min: number, max: number) => entered(whole(min, max), 'number', help);

const flag = (help: string) => entered(z.boolean(), 'boolean', help);

const choice = <const V extends readonly [string, ...string[]]>(help: string, values: V) =>
  entered(z.enum(values), 'choice', help);

const GUEST_NAME = z.regex(
  /^[a-z][a-z0-9-]{0,15}$/,
  'a guest is named by 1 to 16 lower-case letters, digits and hyphens',
);

const guest = (help = 'which guest') => entered(z.string().check(GUEST_NAME), 'guest', help);

const core = (help = 'which core') => entered(whole(0, 1023), 'core', help);

const IS_DATA = z.refine<string>(
  (text) => isData(text),
  'bytes are written hex: and an even number of hexadecimal digits, at most 4096 bytes',
);

/** Text, or bytes as `hex:…`; at most 4,096 bytes. */
const data = (help: string) => entered(chars(1, 8200).check(IS_DATA), 'data', help);

const text = (help: string, max = 64) => entered(chars(1, max), 'text', help);

const SHA256 = z.regex(/^[0-9a-f]{64}$/, 'a file is named by the SHA-256 of its bytes');

const blob = (help: string) => entered(z.string().check(SHA256), 'blob', help);

const config = (help: string) => entered(chars(1, 63), 'config', help);

const lines = (help: string, max: number) => entered(chars(1, max), 'lines', help);

/** What a 64-bit register holds, in hexadecimal: numbers of JSON have no room for it. */
const value = (help: string) => entered(chars(1, 18), 'value', help);

export const field = { address, count, flag, choice, guest, core, data, text, blob, config, lines, value };

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

export function fieldInfos(schema: z.ZodMiniObject): FieldInfo[] {
  return Object.entries(schema.shape as Record<string, z.ZodMiniType>)
    .filter(([name]) => name !== 'type')
    .map(([name, outer]) => {
      const optional = outer instanceof z.ZodMiniOptional;
      const inner = optional ? outer.def.innerType : outer;
      const meta = z.globalRegistry.get(inner) as Meta | undefined;
      if (!meta) throw new Error(`field ${name} has no kind`);
      const choices = inner instanceof z.ZodMiniEnum ? (inner.options as string[]) : [];
      return { name, kind: meta.kind, help: meta.help, optional, choices, ...limits(inner) };
    });
}

/** What a numeric field's checks allow. The small build of zod keeps no summary of them. */
function limits(schema: z.core.$ZodType): { min?: number; max?: number } {
  if (!(schema instanceof z.ZodMiniNumber)) return {};
  const bound = (name: string) =>
    schema.def.checks
      ?.map(({ _zod: { def } }) => def as { check: string; value?: number })
      .find(({ check }) => check === name);
  return { min: bound('greater_than')?.value ?? 0, max: bound('less_than')?.value ?? LIMIT };
}
