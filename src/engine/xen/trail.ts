import type { Progress } from '../core/action';
import type { Outcome } from '../core/fault';
import type { Json, JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import type { Layer } from '../core/span';

/** Layers of the Xen stack, from the user’s command down to the driver (`path/calls.ts` says what stands where). */
export type StackLayer =
  | 'xl'
  | 'libxl'
  | 'libxenguest'
  | 'libxc'
  | 'hypercall'
  | 'xen'
  | 'svm'
  | 'asp-driver';

const LANE: Readonly<Record<StackLayer, Layer>> = {
  xl: 'toolstack',
  libxl: 'toolstack',
  libxenguest: 'toolstack',
  libxc: 'toolstack',
  hypercall: 'xen',
  xen: 'xen',
  svm: 'xen',
  'asp-driver': 'xen',
};

/** A call of the Xen stack under its real name; a refusal inside is the call’s own. */
export function call<T>(
  p: Platform,
  layer: StackLayer,
  name: string,
  args: JsonObject,
  body: () => Outcome<T>,
  show?: (value: T) => Json,
): Outcome<T> {
  const lane = LANE[layer];
  return p.trace.span(lane, lane === 'toolstack' ? 'toolstack' : 'xen', name, args, body, show);
}

/** Several calls, each inside the one before it, with something done in the innermost. */
export function chain<T>(
  p: Platform,
  calls: readonly (readonly [layer: StackLayer, name: string])[],
  args: JsonObject,
  body: () => Outcome<T>,
): Outcome<T> {
  const [first, ...rest] = calls;
  if (!first) return body();
  return call(p, first[0], first[1], args, () => chain(p, rest, args, body));
}

/** Work that stops now and then, so that whoever waits for it stays responsive. */
export type Slow<T> = Generator<Progress, Outcome<T>>;

/** The same around work in slices. */
export function* callSlowly<T>(
  p: Platform,
  layer: StackLayer,
  name: string,
  args: JsonObject,
  body: () => Slow<T>,
): Slow<T> {
  const lane = LANE[layer];
  p.trace.open(lane, lane === 'toolstack' ? 'toolstack' : 'xen', name, args);
  const outcome = yield* body();
  p.trace.close(null, outcome);
  return outcome;
}

export function* chainSlowly<T>(
  p: Platform,
  calls: readonly (readonly [layer: StackLayer, name: string])[],
  args: JsonObject,
  body: () => Slow<T>,
): Slow<T> {
  const [first, ...rest] = calls;
  if (!first) return yield* body();
  return yield* callSlowly(p, first[0], first[1], args, () => chainSlowly(p, rest, args, body));
}

/** A refusal on its way up: the layer adds what it says about it; the rule that decided stays. */
export function upward<T>(outcome: Outcome<T>, says: string): Outcome<T> {
  if (outcome.ok) return outcome;
  return { ok: false, fault: { ...outcome.fault, message: `${says}: ${outcome.fault.message}` } };
}
