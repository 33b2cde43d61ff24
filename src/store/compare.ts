import { createStore } from 'zustand/vanilla';
import type { Attempt } from '../lab/attempt';
import type { SideStep } from '../lab/lockstep';
import { formatSide, type Side } from '../lab/side';
import { type Comparing, startComparing } from '../worker/compare/client';
import type { ComparedScript, SideProgress } from '../worker/compare/protocol';
import type { GuestSummary } from '../worker/protocol';
import type { PageMirror } from './pageMirror';

/** What is known of one machine of a comparison: an item a step, the power-on first. */
export interface PlayedSide {
  readonly pageCount: number;
  /** Of step 1 and those behind it. */
  readonly records: readonly SideStep[];
  readonly guests: readonly (readonly GuestSummary[])[];
  readonly feeds: readonly { readonly patch: Uint32Array; readonly whole: boolean }[];
  /** What the attack came to; null before the last step. */
  readonly outcome: Attempt | null;
}

/** One script on several machines. It is played ahead in a worker of its own; what is shown of it needs no machine. */
export interface Comparison {
  readonly state: 'reading' | 'playing' | 'done' | 'failed';
  readonly id: string;
  /** Null while it is read, and when the library has none of that name. */
  readonly script: ComparedScript | null;
  /** By the machine’s part of the address. */
  readonly played: Readonly<Record<string, PlayedSide>>;
  /** Why it failed. */
  readonly reason: string | null;
}

const NOTHING: Comparison = { state: 'reading', id: '', script: null, played: {}, reason: null };
export const comparisonStore = createStore<Comparison>(() => NOTHING);

/** What came within so many milliseconds is put in at once. */
const GATHER = 40;

let comparing: Comparing | null = null;
let came: SideProgress[] = [];

function take(progress: SideProgress): void {
  came.push(progress);
  if (came.length === 1) setTimeout(putIn, GATHER);
}

const EMPTY: PlayedSide = { pageCount: 0, records: [], guests: [], feeds: [], outcome: null };

function putIn(): void {
  if (came.length === 0) return;
  const played: Record<string, PlayedSide> = { ...comparisonStore.getState().played };
  for (const { side, record, pageCount, guests, patch, whole, outcome } of came) {
    const name = formatSide(side);
    const before = played[name] ?? EMPTY;
    played[name] = {
      pageCount,
      records: record ? [...before.records, record] : before.records,
      guests: [...before.guests, guests],
      feeds: [...before.feeds, { patch, whole }],
      outcome,
    };
  }
  came = [];
  comparisonStore.setState({ played });
}

function stop(): void {
  comparing?.stop();
  comparing = null;
  came = [];
}

/** Reads a script of the library, in place of the one before. */
export async function readScript(id: string): Promise<void> {
  stop();
  comparisonStore.setState({ ...NOTHING, id }, true);
  const mine = startComparing();
  comparing = mine;
  try {
    const script = await mine.script(id);
    if (comparing === mine)
      comparisonStore.setState(
        script ? { script } : { state: 'failed', reason: 'The library has no scenario of this name' },
      );
  } catch (error) {
    if (comparing === mine) fail(error);
  }
}

/** Plays the script on those machines on which it has not been played to its end, and forgets those that are gone. */
export async function playOn(sides: readonly Side[]): Promise<void> {
  const { script, played } = comparisonStore.getState();
  if (!script) return;
  const names = new Set(sides.map(formatSide));
  const kept = Object.entries(played).filter(
    ([name, { records }]) => names.has(name) && records.length === script.steps.length,
  );
  const known = new Set(kept.map(([name]) => name));
  const missing = [...new Map(sides.map((side) => [formatSide(side), side]))].filter(
    ([name]) => !known.has(name),
  );
  const busy = comparisonStore.getState().state === 'playing';
  if (missing.length === 0 && !busy) {
    comparisonStore.setState({ played: Object.fromEntries(kept), state: 'done' });
    return;
  }
  if (busy || !comparing) {
    stop();
    comparing = startComparing();
  }
  const mine = comparing;
  comparisonStore.setState({ played: Object.fromEntries(kept), state: 'playing', reason: null });
  try {
    await mine.play(
      script.id,
      missing.map(([, side]) => side),
      (progress) => {
        if (comparing === mine) take(progress);
      },
    );
    if (comparing !== mine) return;
    putIn();
    comparisonStore.setState({ state: 'done' });
  } catch (error) {
    if (comparing === mine) fail(error);
  }
}

function fail(error: unknown): void {
  stop();
  comparisonStore.setState({
    state: 'failed',
    reason: error instanceof Error ? error.message : String(error),
  });
}

/** The machines are gone, and what was known of them. */
export function leaveComparison(): void {
  stop();
  comparisonStore.setState(NOTHING, true);
}

/** Puts the pages of a machine as they are after a step into a mirror that shows them after `shown`; null: nothing. */
export function showPages(
  mirror: PageMirror,
  { feeds }: PlayedSide,
  shown: number | null,
  step: number,
): void {
  const next = feeds[step];
  if (!next) return;
  if (shown === step - 1 && !next.whole) {
    mirror.apply(next.patch);
    return;
  }
  const words = new Map<number, number>();
  for (const { patch, whole } of feeds.slice(0, step + 1)) {
    if (whole) words.clear();
    for (let i = 0; i + 1 < patch.length; i += 2) words.set(patch[i] as number, patch[i + 1] as number);
  }
  mirror.replace(Uint32Array.from([...words].flat()));
}
