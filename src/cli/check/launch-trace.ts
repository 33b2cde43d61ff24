import { z } from 'zod';
import {
  EMPTY_LAUNCH_DIGEST,
  type LaunchRun,
  launchDigest,
  launchSteps,
} from '../../engine/asp/snp/launchDigest';
import { PAGE_TYPES } from '../../engine/asp/snp/pageInfo';
import { hex, PAGE_SIZE } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { address, hexOf } from './fields';
import type { ImageFile } from './launch-inputs';
import type { Compare } from './result';
import { sentence } from './tables';

/** The digest after some pages of one kind, or before the first of them. */
export const traceStep = z.object({
  step: sentence,
  ld: hexOf(48).optional(),
  page_type: address.optional(),
  gpa: address.optional(),
  pages: address.optional(),
  contents_sha384: hexOf(48).optional(),
  ld_after: hexOf(48).optional(),
});

interface TraceStep {
  readonly step: string;
  readonly ld?: Uint8Array | undefined;
  readonly page_type?: number | undefined;
  readonly gpa?: number | undefined;
  readonly pages?: number | undefined;
  readonly contents_sha384?: Uint8Array | undefined;
  readonly ld_after?: Uint8Array | undefined;
}

const FIRMWARE = 'firmware pages';

/** One step in words; what a file does not say of it is left out on both sides. */
const inWords = (of: TraceStep, as: TraceStep): string =>
  [
    of.step,
    as.ld && of.ld && toHex(of.ld),
    as.page_type !== undefined && `type ${of.page_type}`,
    as.gpa !== undefined && hex(of.gpa ?? 0),
    as.pages !== undefined && `${of.pages} pages`,
    as.contents_sha384 && of.contents_sha384 && `contents ${toHex(of.contents_sha384)}`,
    as.ld_after && of.ld_after && `then ${toHex(of.ld_after)}`,
  ]
    .filter((part) => typeof part === 'string')
    .join(', ');

function stepOf(run: LaunchRun, from: Uint8Array): TraceStep {
  const [first] = launchSteps([run], from);
  return {
    step: run.what === 'image' ? FIRMWARE : run.what,
    page_type: PAGE_TYPES[run.type],
    gpa: run.gpa,
    pages: run.pages,
    contents_sha384: first?.contents,
    ld_after: launchDigest([run], from),
  };
}

/** What stands in place of the pages of an image of which only the end is there. */
function seeded(first: TraceStep | undefined, seed: Uint8Array, { size, bytes }: ImageFile): TraceStep {
  if (first?.step === 'seed') return { step: 'seed', ld: seed };
  const length = size ?? bytes.length;
  return {
    step: FIRMWARE,
    page_type: PAGE_TYPES.NORMAL,
    gpa: 2 ** 32 - length,
    pages: length / PAGE_SIZE,
    ld_after: seed,
  };
}

/** Compares the digest after each run of pages, as far as the trace goes: of equal vCPUs it may name a few only. */
export function compareTrace(
  trace: readonly TraceStep[],
  runs: readonly LaunchRun[],
  seed: Uint8Array | null,
  image: ImageFile,
  compare: Compare,
): void {
  const steps: TraceStep[] = seed ? [seeded(trace[0], seed, image)] : [];
  let digest = seed ?? EMPTY_LAUNCH_DIGEST;
  for (const run of runs.slice(0, trace.length - steps.length)) {
    const step = stepOf(run, digest);
    digest = step.ld_after ?? digest;
    steps.push(step);
  }
  for (const [i, expected] of trace.entries()) {
    const step = steps[i];
    compare(`trace[${i}]`, inWords(expected, expected), step ? inWords(step, expected) : 'nothing more');
  }
}
