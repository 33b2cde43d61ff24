import { z } from 'zod';
import { PAGE_SIZE } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { EXIT } from '../../engine/cpu/exits';
import { decodeIoio, IOIO_BITS } from '../../engine/cpu/ghcb/ioio';
import {
  GHCB_FIELD_NAMES,
  GHCB_FIELDS,
  GHCB_PARTS,
  type GhcbValues,
  ghcbHeader,
  ghcbWrites,
  readGhcb,
  validBits,
  written,
} from '../../engine/cpu/ghcb/layout';
import { HYPERVISOR_FEATURES } from '../../engine/cpu/ghcb/msr';
import { checkRequest } from '../../engine/cpu/ghcb/request';
import { decodeResult, REFUSALS } from '../../engine/cpu/ghcb/result';
import { canonical } from './canonical';
import { u64 } from './fields';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runCase } from './result';
import { hexNumber, plain, runTable, sentence, shown } from './tables';

const layoutRow = z.object({
  off: hexNumber,
  size: z.number().int().min(1),
  name: sentence,
  validBit: z.number().int().optional(),
});

/** Fields by the name that the field uses. */
const BY_LABEL = new Map(GHCB_FIELD_NAMES.map((name) => [plain(GHCB_FIELDS[name].label), name]));

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly validBit?: number;
}

/** A field, a run of registers such as `R8-R15`, or another part of the page. */
function placeOf(name: string): Place {
  const [from, to = from] = name.split('-').map((end) => BY_LABEL.get(plain(end)));
  if (from && to) {
    const { offset, validBit } = GHCB_FIELDS[from];
    return { offset, validBit, size: GHCB_FIELDS[to].offset + GHCB_FIELDS[to].size - offset };
  }
  const part = Object.values(GHCB_PARTS).find(({ label }) => plain(label) === plain(name));
  if (!part) throw new Error(`field "${name}" is not known here`);
  return part;
}

function compareLayout(row: z.infer<typeof layoutRow>, compare: Compare): void {
  const { offset, size, validBit } = placeOf(row.name);
  compare('offset', shown(row.off), shown(offset));
  compare('size', String(row.size), String(size));
  compare('bit of VALID_BITMAP', String(row.validBit ?? 'none'), String(validBit ?? 'none'));
}

const example = z.object({
  description: sentence.optional(),
  fields: z.record(z.string(), u64),
  validBits: z.array(z.number()),
  validBitmapHex: sentence,
});

const VERSIONS = { min: 1, max: 2 };

/** What a guest asks for a leaf without sub-leaf (Linux arch/x86/coco/sev/vc-shared.c, vc_handle_cpuid). */
const cpuidRequest = (leaf: bigint) => ({
  rax: leaf,
  rcx: 0n,
  swExitCode: BigInt(EXIT.CPUID),
  swExitInfo1: 0n,
  swExitInfo2: 0n,
});

/** The page that the fields make: its bitmap, its values, and whether a hypervisor takes it. */
function compareExample(given: z.infer<typeof example>, compare: Compare): void {
  const names = Object.keys(given.fields).map((label) => {
    const name = BY_LABEL.get(plain(label));
    if (!name) throw new Error(`field "${label}" is not known here`);
    return [label, name] as const;
  });
  const values: GhcbValues = Object.fromEntries(names.map(([label, name]) => [name, given.fields[label]]));
  const empty = new Uint8Array(PAGE_SIZE);
  const page = written(empty, [...ghcbWrites(empty, values), ...ghcbHeader(VERSIONS.max)]);
  const { offset, size } = GHCB_PARTS.validBitmap;
  compare('bits', canonical(given.validBits.toSorted((a, b) => a - b)), canonical(validBits(page)));
  compare('bitmap', given.validBitmapHex.toLowerCase(), toHex(page.subarray(offset, offset + size)));
  for (const [label, name] of names)
    compare(label, shown(given.fields[label] ?? 0n), shown(readGhcb(page, name)));
  const leaf = /\bCPUID Fn([0-9A-F_]+)/i.exec(given.description ?? '')?.[1];
  if (leaf)
    for (const [name, value] of Object.entries(cpuidRequest(BigInt(`0x${leaf.replace('_', '')}`))))
      compare(`${name} of the request`, shown(values[name as keyof GhcbValues] ?? -1n), shown(value));
  const refused = checkRequest(page, { ghcb: 0n, versions: VERSIONS, snp: false, registered: null });
  compare('request', 'taken', refused ? refused.message : 'taken');
}

const RESULT_WORDS = { done: /^success/, exception: /exception/, refused: /malformed/, unknown: /$^/ };

/** What SW_EXITINFO1 of an answer says; numbered reasons in it are those of SW_EXITINFO2. */
function compareResult(value: string, text: string, compare: Compare): void {
  const { kind } = decodeResult(BigInt(value), 0n);
  compare('kind', text, RESULT_WORDS[kind].test(text) ? text : kind);
  for (const [, code = '', words = ''] of text.matchAll(/\b(\d+) ([a-z ]+)/g)) {
    const reason = Object.entries(REFUSALS).find(([, number]) => number === Number(code))?.[0] ?? 'none';
    compare(`reason ${code}`, words.trim(), words.includes(reason) ? words.trim() : reason);
  }
}

const bitRow = z.object({ lsb: z.number().int(), width: z.number().int(), name: sentence });

const IOIO_WORDS: Readonly<Record<keyof typeof IOIO_BITS, RegExp>> = {
  input: /^1 = IN$/,
  string: /^string$/,
  rep: /^REP$/,
  bytes: /^data size/,
  addressBits: /^address size/,
  segment: /^segment/,
  port: /^port$/,
};

function compareIoio({ lsb, width, name }: z.infer<typeof bitRow>, compare: Compare): void {
  const part = (Object.keys(IOIO_WORDS) as (keyof typeof IOIO_BITS)[]).find((key) =>
    IOIO_WORDS[key].test(name),
  );
  if (!part) throw new Error(`"${name}" is not known here`);
  compare('lowest bit', String(lsb), String(IOIO_BITS[part].lsb));
  compare('width', String(width), String(IOIO_BITS[part].width));
  for (const [, bit = '', bits = ''] of name.matchAll(/bit (\d+) = (\d+)/g)) {
    const access = decodeIoio(1n << BigInt(bit));
    compare(`bit ${bit}`, bits, String(part === 'bytes' ? access.bytes * 8 : access.addressBits));
  }
}

const featureRow = z.object({ bit: z.number().int(), name: sentence });

function runResults(list: unknown): CaseResult[] {
  if (!isRecord(list)) return [];
  return Object.entries(list).map(([value, text]) =>
    runCase(`ghcb.exitInfo1Return ${value}`, (compare) =>
      compareResult(z.string().regex(/^\d+$/).parse(value), sentence.parse(text), compare),
    ),
  );
}

/** The page through which an SEV-ES guest talks to its hypervisor, in the format of `ghcb` of `cpu.json`. */
export const ghcbLayout = {
  name: 'the layout of the GHCB',
  recognises: (json: unknown) =>
    isRecord(json) &&
    isRecord(json.ghcb) &&
    (hasEntryWith(json.ghcb.layout, 'off', 'name') ||
      hasEntryWith(json.ghcb.ioioExitInfo1, 'lsb', 'name') ||
      hasEntryWith(json.ghcb.hvFeatures, 'bit', 'name') ||
      isRecord(json.ghcb.exampleCpuid) ||
      isRecord(json.ghcb.exitInfo1Return)),
  run: (json: unknown) => {
    const { ghcb } = json as { ghcb: Record<string, unknown> };
    return [
      ...runTable('ghcb.layout', ghcb.layout, layoutRow, compareLayout),
      ...(ghcb.exampleCpuid === undefined
        ? []
        : [
            runCase('ghcb.exampleCpuid', (compare) =>
              compareExample(example.parse(ghcb.exampleCpuid), compare),
            ),
          ]),
      ...runResults(ghcb.exitInfo1Return),
      ...runTable('ghcb.ioioExitInfo1', ghcb.ioioExitInfo1, bitRow, compareIoio),
      ...runTable('ghcb.hvFeatures', ghcb.hvFeatures, featureRow, ({ bit, name }, compare) => {
        const ours = Object.values(HYPERVISOR_FEATURES).find(({ title }) => plain(title) === plain(name));
        compare('bit', String(bit), String(ours?.bit ?? 'no such feature'));
      }),
    ];
  },
} satisfies Recogniser;
