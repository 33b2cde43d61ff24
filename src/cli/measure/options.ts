import { parseArgs } from 'node:util';
import { fromHex } from '../../engine/core/bytes';
import { UsageError } from '../command';

/** Each option, with the names that other tools give it (virtee/sev-snp-measure, virtee/sevctl). */
const OPTIONS = {
  mode: [],
  ovmf: ['image', 'firmware'],
  'ovmf-hash': ['snp-ovmf-hash'],
  kernel: [],
  initrd: [],
  append: ['cmdline'],
  vcpus: ['num-cpus'],
  'vcpu-type': [],
  'vcpu-sig': [],
  'vcpu-family': [],
  'vcpu-model': [],
  'vcpu-stepping': [],
  vmm: ['vmm-type'],
  'guest-features': [],
  'launch-digest': ['digest'],
  tik: [],
  'api-major': [],
  'api-minor': [],
  'build-id': [],
  policy: [],
  mnonce: ['nonce'],
  output: ['output-format'],
} as const satisfies Record<string, readonly string[]>;

export type Option = keyof typeof OPTIONS;
export type Given = ReadonlyMap<Option, string>;

/** The options that were given, each by its own name. @throws UsageError, or the error of `node:util` parseArgs. */
export function optionsOf(args: readonly string[]): Given {
  const names = Object.entries(OPTIONS) as [Option, readonly string[]][];
  const options = Object.fromEntries(
    names.flatMap(([name, others]) => [name, ...others].map((each) => [each, { type: 'string' as const }])),
  );
  const { values }: { readonly values: Readonly<Record<string, unknown>> } = parseArgs({
    args: [...args],
    options: { ...options, json: { type: 'boolean' } },
  });
  const given = new Map<Option, string>();
  for (const [name, others] of names) {
    const used = [name, ...others].filter((each) => values[each] !== undefined);
    if (used.length > 1) throw new UsageError(`--${used.join(' and --')} are the same.`);
    const value = values[used[0] ?? ''];
    if (typeof value === 'string') given.set(name, value);
  }
  if (values.json !== true) return given;
  if (given.has('output')) throw new UsageError('--json is --output json: give one of them.');
  return given.set('output', 'json');
}

/** A number of at most so many bits. @throws UsageError for anything else. */
export function bigOf(given: Given, name: Option, bits: number): bigint {
  const text = given.get(name) ?? '';
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : -1n;
  if (value < 0n || value >> BigInt(bits) !== 0n)
    throw new UsageError(`--${name}: "${text}" is not a number of ${bits} bits.`);
  return value;
}

/** The same up to 32 bits. */
export const numberOf = (given: Given, name: Option, bits: number): number =>
  Number(bigOf(given, name, bits));

/** Exactly so many bytes. @throws UsageError for anything else. */
export function bytesOf(given: Given, name: Option, length: number): Uint8Array {
  const text = given.get(name) ?? '';
  if (!new RegExp(`^[0-9a-f]{${2 * length}}$`, 'i').test(text))
    throw new UsageError(`--${name}: not ${2 * length} hexadecimal digits.`);
  return fromHex(text);
}
