import { LEGACY_ROWS } from './layouts/legacy';
import type { Row } from './layouts/row';
import { SNP_GUEST_ROWS } from './layouts/snpGuest';
import { SNP_PAGE_ROWS } from './layouts/snpPages';
import { SNP_PLATFORM_ROWS } from './layouts/snpPlatform';

/**
 * The command buffers as structures in memory: little-endian, packed (AMD-ASPFW sev_mcmd.h; Linux include/linux/psp-sev.h).
 * The screen opens a buffer with the same table.
 */
export interface Field {
  readonly name: string;
  /** Bytes from the start of the buffer. */
  readonly offset: number;
  readonly size: number;
  readonly meaning: string;
}

const rows = {
  ...LEGACY_ROWS,
  ...SNP_PLATFORM_ROWS,
  ...SNP_GUEST_ROWS,
  ...SNP_PAGE_ROWS,
} as const satisfies Record<string, readonly Row[]>;

/** Names of the commands. */
export type CommandName = keyof typeof rows;

/** The fields of every command's buffer, in order. */
export const LAYOUTS = Object.fromEntries(
  Object.entries(rows).map(([command, list]) => {
    let offset = 0;
    const fields = (list as readonly Row[]).map(([name, size, meaning]): Field => {
      offset += size;
      return { name, offset: offset - size, size, meaning };
    });
    return [command, fields];
  }),
) as unknown as { readonly [N in CommandName]: readonly Field[] };

/** Bytes of a command's buffer; 0 for a command without parameters. */
export const bufferSize = (command: CommandName): number => {
  const last = LAYOUTS[command].at(-1);
  return last ? last.offset + last.size : 0;
};

/** The values of a buffer's fields, by name. */
export type Values = Record<string, bigint>;

/** A buffer as bytes; fields that are not named are 0, values are cut to their field. @throws RangeError on an unknown name. */
export function packCommand(
  command: CommandName,
  values: Readonly<Record<string, number | bigint>>,
): Uint8Array {
  const fields = LAYOUTS[command];
  const out = new Uint8Array(bufferSize(command));
  for (const [name, value] of Object.entries(values)) {
    const field = fields.find((each) => each.name === name);
    if (!field) throw new RangeError(`${command} has no field ${name}`);
    let rest = BigInt.asUintN(8 * field.size, BigInt(value));
    for (let i = 0; i < field.size; i++, rest >>= 8n) out[field.offset + i] = Number(rest & 0xffn);
  }
  return out;
}

/** The fields of a buffer. @param bytes at least the buffer's size. */
export function unpackCommand(command: CommandName, bytes: Uint8Array): Values {
  const values: Values = {};
  for (const { name, offset, size } of LAYOUTS[command]) {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
    values[name] = value;
  }
  return values;
}
