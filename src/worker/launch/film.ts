import { type SnpLaunch, snpLaunchRunsSlowly } from '../../engine/asp/image/snpLaunch';
import { EMPTY_LAUNCH_DIGEST, type LaunchRun, launchSteps } from '../../engine/asp/snp/launchDigest';
import { DIGEST_BYTES } from '../../engine/asp/snp/pageInfo';
import { type Outcome, ok } from '../../engine/core/fault';

/** A launch with every digest on its way. */
export interface Film {
  readonly launch: SnpLaunch;
  readonly runs: readonly LaunchRun[];
  /** Number of the first frame of each run. */
  readonly starts: readonly number[];
  readonly frames: number;
  /** CONTENTS of each frame, 48 bytes. */
  readonly contents: Uint8Array;
  /** The digest before the first frame and after each, 48 bytes. */
  readonly digests: Uint8Array;
}

/** How long work is shared with whoever else asks the worker. */
export interface Slices {
  readonly now: () => number;
  /** Resolves in a later macrotask. */
  readonly pause: () => Promise<void>;
  readonly cancelled: () => boolean;
  /** 0 … 1. */
  readonly onProgress: (done: number) => void;
}

/** Work at a stretch, in milliseconds. */
const SLICE = 12;

const at = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);

export const contentsAt = ({ contents }: Film, frame: number): Uint8Array => at(contents, frame);
export const digestBefore = ({ digests }: Film, frame: number): Uint8Array => at(digests, frame);
export const digestAfter = ({ digests }: Film, frame: number): Uint8Array => at(digests, frame + 1);
export const finalDigest = (film: Film): Uint8Array => digestBefore(film, film.frames);

/** Number of the run that a frame belongs to. */
export function runOf({ starts }: Film, frame: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= frame) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Of the time of a film, until the hashes of a kernel beside the image are known. */
const HASHED = 0.2;

/** What is measured, with pauses while a kernel is hashed. Null: cancelled. */
async function runsOfLaunch(launch: SnpLaunch, slices: Slices) {
  const work = snpLaunchRunsSlowly(launch);
  let began = slices.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (slices.now() - began < SLICE) continue;
    slices.onProgress((HASHED * step.value.done) / step.value.total);
    await slices.pause();
    if (slices.cancelled()) return null;
    began = slices.now();
  }
}

/** Measures a launch page by page, with pauses. Null: cancelled. */
export async function shootFilm(launch: SnpLaunch, slices: Slices): Promise<Outcome<Film> | null> {
  const runs = await runsOfLaunch(launch, slices);
  if (!runs?.ok) return runs;
  const before = launch.kernel ? HASHED : 0;
  const starts: number[] = [];
  let frames = 0;
  for (const { pages } of runs.value) {
    starts.push(frames);
    frames += pages;
  }
  const from = launch.imageDigest ?? EMPTY_LAUNCH_DIGEST;
  const contents = new Uint8Array(frames * DIGEST_BYTES);
  const digests = new Uint8Array((frames + 1) * DIGEST_BYTES);
  digests.set(from);
  let frame = 0;
  let began = slices.now();
  for (const step of launchSteps(runs.value, from)) {
    contents.set(step.contents, frame * DIGEST_BYTES);
    frame++;
    digests.set(step.digestAfter, frame * DIGEST_BYTES);
    if (slices.now() - began < SLICE) continue;
    slices.onProgress(before + ((1 - before) * frame) / frames);
    await slices.pause();
    if (slices.cancelled()) return null;
    began = slices.now();
  }
  return ok({ launch, runs: runs.value, starts, frames, contents, digests });
}

/** The first frame in which two films differ; null: they are the same. */
export function firstDifference(a: Film, b: Film): number | null {
  const bytes = Math.min(a.digests.length, b.digests.length);
  for (let i = 0; i < bytes; i++)
    if (a.digests[i] !== b.digests[i]) return Math.max(0, Math.floor(i / DIGEST_BYTES) - 1);
  return a.frames === b.frames ? null : Math.min(a.frames, b.frames);
}
