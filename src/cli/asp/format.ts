import { z } from 'zod';

/** Recorded answers of the firmware, one JSON object a line, told apart by `k`. */
const LABEL_VALUE = z.union([z.string(), z.number()]);

const guestPost = z.object({
  st: z.string(),
  asid: z.number().int(),
  act: z.string(),
});

const post = z.object({
  sev: z.string(),
  snp: z.string(),
  rmp: z.boolean(),
  guests: z.record(z.string(), guestPost).optional(),
  gctx: z.record(z.string(), guestPost).optional(),
});

/** State, size, ASID, GPA and VMSA bit of a page; of one without an entry only its state. */
const pageState = z.union([
  z.tuple([z.string()]),
  z.tuple([z.string(), z.string(), z.number().int(), z.string(), z.number().int()]),
]);
const pages = z.union([z.literal('same'), z.record(z.string(), pageState)]);

export type PageRow = z.infer<typeof pageState>;

const step = z.object({
  cmd: z.string(),
  p: z.record(z.string(), LABEL_VALUE).optional(),
  handle: z.number().int().optional(),
  status: z.number().int().nullable().optional(),
  internal: z.boolean().optional(),
  name: z.string().optional(),
  host: z.string().optional(),
  post: z.union([z.literal('same'), post]).optional(),
  pre: pages.optional(),
  pages: pages.optional(),
  stubDecides: z.string().optional(),
  uninit: z.boolean().optional(),
});

export type Step = z.infer<typeof step>;
export type Post = z.infer<typeof post>;

const config = z.object({
  k: z.literal('config'),
  cfg: z.string(),
  snpEn: z.boolean(),
  minSevAsid: z.number().int().min(1),
  maxAsid: z.number().int().min(1).max(1021),
  sockets: z.number().int().min(1).max(2),
  ccx: z.number().int().min(1).max(16),
  coresPerCcx: z.number().int().min(1).max(16),
  smt: z.boolean(),
  dram: z.string(),
  rmp: z.string().optional(),
  tcb: z
    .object({
      bootloader: z.number().int(),
      tee: z.number().int(),
      snp: z.number().int(),
      microcode: z.number().int(),
    })
    .optional(),
  labels: z.record(z.string(), z.string()),
});

export type TraceConfig = z.infer<typeof config>;

const sequence = z.object({
  k: z.enum(['happy', 'seq', 'setup']),
  id: z.string(),
  cfg: z.string(),
  steps: z.array(step),
});

const probe = z.object({
  k: z.literal('probe'),
  setup: z.string(),
  i: z.number().int().optional(),
  r: step,
});

const record = z.discriminatedUnion('k', [config, sequence, probe]);

export type TraceRecord = z.infer<typeof record>;

/** A line that is no record of the format: the message says which and why. */
export class TraceError extends Error {}

/** Reads a file of traces. @throws TraceError with the line. */
export function parseTraces(text: string): TraceRecord[] {
  const records: TraceRecord[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    records.push(parseLine(line, i + 1));
  }
  return records;
}

function parseLine(line: string, number: number): TraceRecord {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new TraceError(`line ${number}: not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
  const found = record.safeParse(json);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new TraceError(`line ${number}: ${issue?.path.join('.') || 'the record'}: ${issue?.message}`);
}

/** Does a text look like such a file: is its first line a record of the format? */
export function looksLikeTraces(text: string): boolean {
  const [line = ''] = text.trimStart().split('\n', 1);
  try {
    return record.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}
