import type { JsonObject } from '../../../engine/core/json';
import type { AccessView, ChangeView } from '../../../worker/protocol';

/** The boxes of the machine that an access passes. */
export type Place = 'core' | 'device' | 'cache' | 'engine' | 'dram';

/** One stop of an access: the fact, and the box in which it happens. */
export interface Stop {
  readonly hop: ChangeView;
  readonly place: Place;
  readonly refused: boolean;
}

/** Facts and moves of state that happen in one box only, whoever causes them. */
const FIXED: Readonly<Record<string, Place>> = {
  cache: 'cache',
  controller: 'engine',
  bus: 'dram',
  dram: 'dram',
};

/** Nothing travels while these are noted; the access is still where it was. */
const STAYS: ReadonlySet<string> = new Set(['fault', 'note', 'wrote', 'page', 'cell']);

/** Where an access begins, and where what it fetched is shown in the end. A write-back begins in the cache. */
function origin(actor: string, layer: string): Place {
  if (layer === 'device' || actor === 'device') return 'device';
  if (layer === 'memory') return 'cache';
  return layer === 'physical' || actor === 'probe' ? 'dram' : 'core';
}

/**
 * The stops of an access in order. Translating, choosing the key and checking happen where the access begins; a refusal
 * happens in the box that the access had reached, and it goes no further.
 */
export function route({ span, hops }: AccessView): Stop[] {
  const home = origin(span.actor, span.layer);
  let last = home;
  return hops.map((hop) => {
    const kind = hop.what ?? hop.store;
    last = FIXED[kind] ?? (STAYS.has(kind) ? last : home);
    return { hop, place: last, refused: kind === 'fault' };
  });
}

/** The wires that the access has passed so far, each from a box to the next, the newest last. */
export function wiresPassed(
  stops: readonly Stop[],
  reached: number,
): { readonly from: Place; readonly to: Place }[] {
  const wires: { from: Place; to: Place }[] = [];
  for (let i = 1; i < Math.min(reached, stops.length); i++) {
    const from = stops[i - 1]?.place;
    const to = stops[i]?.place;
    if (from && to && from !== to) wires.push({ from, to });
  }
  return wires;
}

/** What the AES engine last did for this access, taken from the fact that says so. */
export interface Transfer {
  readonly direction: 'read' | 'write';
  readonly address: number;
  readonly selector: number;
  readonly mode: string;
  readonly tweak: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

const text = (data: JsonObject, name: string): string => (typeof data[name] === 'string' ? data[name] : '');
const count = (data: JsonObject, name: string): number => (typeof data[name] === 'number' ? data[name] : -1);

export function lastTransfer(stops: readonly Stop[], reached: number): Transfer | null {
  const fact = stops.slice(0, reached).findLast(({ hop }) => hop.what === 'controller');
  if (!fact) return null;
  const { data } = fact.hop;
  return {
    direction: text(data, 'direction') === 'write' ? 'write' : 'read',
    address: count(data, 'address'),
    selector: count(data, 'selector'),
    mode: text(data, 'mode'),
    tweak: text(data, 'tweak'),
    plaintext: text(data, 'plaintext'),
    ciphertext: text(data, 'ciphertext'),
  };
}

/** The system address that the access is about, as far as it has been found out; null before. */
export function addressSoFar(stops: readonly Stop[], reached: number): number | null {
  for (const { hop } of stops.slice(0, reached).toReversed()) {
    for (const name of ['spa', 'address']) {
      const value = hop.data[name];
      const physical =
        name === 'spa' || hop.what === 'cache' || hop.what === 'controller' || hop.what === 'bus';
      if (physical && typeof value === 'number') return value;
    }
  }
  return null;
}

/** Which core and complex the access runs on, where its facts name them. */
export function named(stops: readonly Stop[], field: 'core' | 'complex'): number | null {
  for (const { hop } of stops) {
    const value = hop.data[field];
    if (typeof value === 'number') return value;
  }
  return null;
}
