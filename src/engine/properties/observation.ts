import type { Change, FactChange } from '../core/change';

/** A `wrote` or `saw` fact, as `cpu/access.ts`, `device/dma.ts` and `physical/actions.ts` record it. */
export interface Observation {
  readonly wrote: boolean;
  readonly actor: string;
  readonly principal: number;
  /** Virtual or bus address. */
  readonly address: number;
  /** Guest physical address, where the access has one: that at which the guest’s kernel has put what it wanted. */
  readonly gpa: number | null;
  readonly spa: number;
  /** The actor meant it to stay its own. */
  readonly private: boolean;
  /** The processor took the bytes for an instruction. */
  readonly fetched: boolean;
  /** The bytes are not what lies there: constants of the memory controller, or worked out from what was seen. */
  readonly hidden: boolean;
  readonly bytes: Uint8Array;
}

/** Reads an observation out of a change; null for every other change. */
export function observationOf(change: Change): Observation | null {
  if (change.store !== 'fact' || (change.what !== 'wrote' && change.what !== 'saw') || !change.bytes)
    return null;
  const { data } = change;
  return {
    wrote: change.what === 'wrote',
    actor: String(data.actor),
    principal: Number(data.principal),
    address: Number(data.address),
    gpa: gpaOf(data),
    spa: Number(data.spa),
    private: data.private === true,
    fetched: data.fetched === true,
    hidden: data.hidden === true,
    bytes: change.bytes,
  };
}

const gpaOf = ({ gpa, meant }: FactChange['data']): number | null =>
  typeof meant === 'number' ? meant : typeof gpa === 'number' ? gpa : null;

/** A guest gave up what it knew of some of its memory: it changed the C-bit, contents are undefined until it writes. */
export function forgottenBy(change: Change): { domain: number; gpa: number; length: number } | null {
  if (change.store !== 'fact' || change.what !== 'note' || change.data.what !== 'forget') return null;
  return forgotten(change);
}

/** A guest’s owner has made sure of some of its memory: by a measurement, or by a secret that only this launch can open. */
export function believedBy(
  change: Change,
): { readonly domain: number; readonly gpa: number; readonly bytes: Uint8Array } | null {
  if (change.store !== 'fact' || change.what !== 'note' || change.data.what !== 'believed' || !change.bytes)
    return null;
  return { domain: Number(change.data.domain), gpa: Number(change.data.gpa), bytes: change.bytes };
}

const forgotten = ({ data }: FactChange) => ({
  domain: Number(data.domain),
  gpa: Number(data.gpa),
  length: Number(data.length),
});

/** The first break of a property. */
export interface Violation {
  /** Index of the change that shows it. */
  readonly change: number;
  readonly sentence: string;
}

/** Folds changes in order and keeps the violations that they show. */
export interface Monitor {
  fold(change: Change, index: number): void;
  readonly violations: readonly Violation[];
}
