import { z } from 'zod';
import {
  decodeGhcbMsr,
  encodeGhcbMsr,
  GHCB_MSR,
  type GhcbMsrName,
  HYPERVISOR_FEATURES,
  TERMINATIONS,
} from '../../engine/cpu/ghcb/msr';
import { canonical } from './canonical';
import { u64 } from './fields';
import { type Compare, hasEntryWith, isRecord, type Recogniser } from './result';
import { hexNumber, plain, runTable, sentence, shown } from './tables';

const protocolRow = z.object({
  code: hexNumber,
  name: sentence,
  direction: sentence.nullable(),
  layout: sentence,
});

interface Bits {
  readonly hi: number;
  readonly lo: number;
  readonly values?: Readonly<Record<number, string>>;
}

/** Fields that a layout names in words such as `[63:48] max protocol, [23:12] reserved`, without those that are no field. */
function fieldsIn(layout: string): Bits[] {
  const parts = layout.split(/(?=\[\d+:\d+\])/).flatMap((text) => {
    const [, hi, lo, words = ''] = /^\[(\d+):(\d+)\](.*)$/s.exec(text) ?? [];
    return hi && lo ? [{ hi: Number(hi), lo: Number(lo), words }] : [];
  });
  return parts
    .filter(({ words }) => !/^\s*(reserved|zero\b|=)/.test(words))
    .map(({ hi, lo, words }) => {
      const named = [...words.matchAll(/(?<![\w.])(\d+)=([A-Za-z]+)/g)].filter(
        ([, , word]) => word !== 'done',
      );
      const values = Object.fromEntries(named.map(([, value, word = '']) => [Number(value), word]));
      return { hi, lo, ...(named.length > 0 && { values }) };
    });
}

const ranges = (fields: readonly Bits[]): string =>
  fields
    .map(({ hi, lo }) => `[${hi}:${lo}]`)
    .toSorted()
    .join(' ') || 'none';

function compareProtocol(row: z.infer<typeof protocolRow>, compare: Compare): void {
  const ours = Object.values(GHCB_MSR).find(({ title }) => plain(title) === plain(row.name));
  if (!ours) throw new Error(`message "${row.name}" is not known here`);
  const fields: readonly Bits[] = Object.values(ours.fields);
  const given = fieldsIn(row.layout);
  compare('code', shown(row.code), shown(ours.code));
  compare('from', row.direction?.split(' ')[0] ?? 'none', ours.from ?? 'none');
  compare('fields', ranges(given), ranges(fields));
  for (const { hi, values } of given) {
    const field = fields.find((each) => each.hi === hi);
    if (values) compare(`values of bit ${hi} on`, canonical(values), canonical(field?.values ?? {}));
  }
}

const exampleRow = z.object({ name: sentence, value: u64 });

type Made = { readonly message: GhcbMsrName; readonly value: bigint };

const made = <N extends GhcbMsrName>(name: N, values: Parameters<typeof encodeGhcbMsr<N>>[1]): Made => ({
  message: name,
  value: encodeGhcbMsr(name, values),
});

const register = (name: string): number => ['EAX', 'EBX', 'ECX', 'EDX'].indexOf(name);

/** A set of features in words, `SNP|AP_CREATION`, as bits. */
const featureBits = (names: string): number =>
  names.split('|').reduce((sum, name) => {
    const found = Object.entries(HYPERVISOR_FEATURES).find(([key]) => plain(key) === plain(name));
    if (!found) throw new Error(`feature "${name}" is not known here`);
    return sum + 2 ** found[1].bit;
  }, 0);

function termination(set: number, reason: number, words: string): Made {
  const ours = TERMINATIONS[set]?.[reason];
  if (words !== '' && ours && plain(ours) !== plain(words))
    throw new Error(`reason ${reason} of set ${set} is "${ours}" here`);
  return made('terminate', { set, reason });
}

/** Sentences of examples, and the message that each of them describes. */
const SENTENCES: readonly (readonly [RegExp, (...words: string[]) => Made])[] = [
  [
    /^SEV info response max=(\d+) min=(\d+) C-bit=(\d+)$/,
    (max, min, cBit) =>
      made('sevInfo', { maxVersion: Number(max), minVersion: Number(min), cBit: Number(cBit) }),
  ],
  [
    /^CPUID request Fn([0-9A-F_]+) (E[A-D]X)$/i,
    (leaf = '', name = '') =>
      made('cpuidRequest', {
        function: Number.parseInt(leaf.replace('_', ''), 16),
        register: register(name),
      }),
  ],
  [
    /^CPUID response (E[A-D]X)=(0x[0-9a-f]+)$/i,
    (name = '', value) => made('cpuidResponse', { value: Number(value), register: register(name) }),
  ],
  [
    /^register GHCB at GPA (0x[0-9a-f]+)$/i,
    (gpa) => made('registerRequest', { gfn: Number(BigInt(gpa ?? 0) >> 12n) }),
  ],
  [
    /^page state change: GFN (0x[0-9a-f]+) (private|shared)$/i,
    (gfn, to) => made('pscRequest', { gfn: Number(gfn), operation: to === 'private' ? 1 : 2 }),
  ],
  [/^page state change done$/, () => made('pscResponse', { error: 0 })],
  [/^run VMPL (\d+)$/, (vmpl) => made('runVmplRequest', { vmpl: Number(vmpl) })],
  [
    /^hypervisor features = ([\w|]+)$/,
    (names = '') => made('featuresResponse', { features: featureBits(names) }),
  ],
  [
    /^terminate set (\d+)(?: \([^)]*\))? reason (\d+)(?: \(([^)]*)\))?$/,
    (set, reason, words = '') => termination(Number(set), Number(reason), words),
  ],
];

function compareExample({ name, value }: z.infer<typeof exampleRow>, compare: Compare): void {
  const message = decodeGhcbMsr(value);
  for (const [words, make] of SENTENCES) {
    const found = words.exec(name);
    if (!found) continue;
    const ours = make(...found.slice(1));
    compare('value', shown(value), shown(ours.value));
    compare('decoded', ours.message, message.name ?? 'no message');
    return;
  }
  throw new Error(`"${name}" is not known here`);
}

/** What goes through the GHCB MSR, in the formats of `ghcb.msrProtocol` and `ghcb.msrExamples` of `cpu.json`. */
export const ghcbMsr = {
  name: 'the GHCB MSR protocol',
  recognises: (json: unknown) =>
    isRecord(json) &&
    isRecord(json.ghcb) &&
    (hasEntryWith(json.ghcb.msrProtocol, 'code', 'layout') ||
      hasEntryWith(json.ghcb.msrExamples, 'name', 'value')),
  run: (json: unknown) => {
    const { ghcb } = json as { ghcb: Record<string, unknown> };
    return [
      ...runTable('ghcb.msrProtocol', ghcb.msrProtocol, protocolRow, compareProtocol),
      ...runTable('ghcb.msrExamples', ghcb.msrExamples, exampleRow, compareExample),
    ];
  },
} satisfies Recogniser;
