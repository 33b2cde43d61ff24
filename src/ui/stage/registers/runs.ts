import type { SeenExitView, TraceView } from '../../../worker/protocol';

const ACCESS = { read: 'read from', write: 'written to', fetch: 'run' } as const;
const LETTER = { read: 'r', write: 'w', fetch: 'x' } as const;

const steps = (count: number): string => (count === 1 ? '1 instruction' : `${count} instructions`);

/** A frame in words. */
export function frameSays(frame: SeenExitView): string {
  const before = frame.retired > 0 && frame.kind !== 'step' ? `after ${steps(frame.retired)}: ` : '';
  if (frame.kind === 'page') return `${before}page ${frame.page} is ${ACCESS[frame.access]}`;
  if (frame.kind === 'exit') return `${before}${frame.name}`;
  return frame.retired === 0 ? 'no instruction' : steps(frame.retired);
}

/** A frame as it is drawn: `2r`, a name, or how many instructions. */
export function frameMark(frame: SeenExitView): string {
  if (frame.kind === 'page') return `${frame.page}${LETTER[frame.access]}`;
  return frame.kind === 'exit' ? frame.name : String(frame.retired);
}

const isSame = (a: SeenExitView | undefined, b: SeenExitView | undefined): boolean =>
  a !== undefined && b !== undefined && frameSays(a) === frameSays(b);

/** The first frame in which a trace is not as another one; its length when it only ends earlier, null when they are the same. */
export function partsAt({ frames }: TraceView, other: TraceView): number | null {
  const length = Math.max(frames.length, other.frames.length);
  for (let i = 0; i < length; i++) if (!isSame(frames[i], other.frames[i])) return i;
  return null;
}
