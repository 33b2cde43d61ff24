import type { Action } from '../actions';
import { completeConfig, type PartialConfig } from '../config';
import { BLOCK_SIZE, GUEST_BASE, hex, PAGE_SIZE } from '../core/address';
import { bytesEqual, toHex } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import type { Change } from '../core/change';
import type { Outcome } from '../core/fault';
import type { Json } from '../core/json';
import { type KeySelector, NO_KEY } from '../core/key';
import type { Eye } from '../core/look';
import type { State } from '../core/state';
import { hands } from '../hands';
import { look } from '../look';
import { Machine } from '../machine';
import { domainNamed } from '../xen/domain';
import { frameAt } from '../xen/frames';

/** A machine for tests, with everything that it recorded as a plain list. */
export class Bench {
  readonly machine: Machine;
  readonly changes: Change[] = [];
  /** What spans were opened with and closed with. */
  readonly spans: Json[] = [];
  readonly blobs = new Map<string, Uint8Array>();

  constructor(config: PartialConfig = {}) {
    const recorder = {
      change: (change: Change) => void this.changes.push(change),
      open: (_layer: string, actor: string, name: string, args: Json) =>
        void this.spans.push({ actor, name, args }),
      close: (result: Json, outcome: Outcome<unknown> | null) =>
        void this.spans.push({
          result,
          fault: outcome && !outcome.ok ? ({ ...outcome.fault } as never) : null,
        }),
    };
    this.machine = new Machine(completeConfig(config), recorder, this.blobs, hands);
  }

  get state(): State {
    return this.machine.state;
  }

  perform(action: Action): Outcome<Json> {
    const steps = this.machine.perform(action);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  /** Performs and answers with the result. @throws Error when it was refused. */
  done(action: Action): Record<string, Json> {
    const outcome = this.perform(action);
    if (!outcome.ok) throw new Error(`${action.type}: ${outcome.fault.message}`);
    return outcome.value as Record<string, Json>;
  }

  /** Performs and answers with the rule that refused. @throws Error when nothing did. */
  refused(action: Action): string {
    const outcome = this.perform(action);
    if (outcome.ok) throw new Error(`${action.type} was not refused`);
    return outcome.fault.rule.id;
  }

  /** What an eye sees. @throws Error on a fault. */
  seen(eye: Eye, address: number, length = 64): Uint8Array {
    const found = look(this.machine, eye, address, length);
    if (!found.ok) throw new Error(found.fault.message);
    return found.bytes;
  }

  dram(address: number, length = 64): Uint8Array {
    return this.state.dram.read(address, length);
  }

  /** Where a guest was given the frame behind one of its direct-map addresses. */
  spaOf(guest: string, gva: number): number {
    const domain = this.domain(guest);
    const frame = frameAt(domain.frames, Math.floor((gva - GUEST_BASE) / PAGE_SIZE));
    if (frame === null) throw new Error(`${guest} has no frame for ${hex(gva)}`);
    return frame * PAGE_SIZE + (gva % PAGE_SIZE);
  }

  domain(guest: string): DomainCell {
    const found = domainNamed(this.machine, guest);
    if (!found.ok) throw new Error(found.fault.message);
    return found.value;
  }

  /** The selectors under which DRAM would hold this plaintext as it does; several where keys are the same. */
  keysOf(address: number, plaintext: Uint8Array): KeySelector[] {
    const slots = this.state
      .allCells()
      .flatMap(([name]) => (name.startsWith('slot/') ? [Number(name.slice(5))] : []));
    return [NO_KEY, ...slots.sort((a, b) => a - b)].filter((key) => {
      const stored = this.machine.cipher(key)?.encrypt(address, plaintext) ?? plaintext;
      return bytesEqual(stored, this.dram(address, plaintext.length));
    });
  }
}

/** Sixteen bytes of text and more: whole blocks, padded with dots. */
export const blocks = (text: string): Uint8Array =>
  new TextEncoder().encode(text.padEnd(Math.ceil(text.length / BLOCK_SIZE) * BLOCK_SIZE, '.'));

export const asData = (bytes: Uint8Array): string => `hex:${toHex(bytes)}`;

/** Everything that a state holds, in one order; what was never written and what holds zeros are the same. */
export function dump(state: State): unknown {
  const zero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
  const words = [...state.pages.chunks].flatMap(([chunk, all]) =>
    [...all.entries()].filter(([, word]) => word !== 0).map(([i, word]) => [chunk * all.length + i, word]),
  );
  return {
    dram: [...state.dram.pages].filter(([, page]) => !zero(page)).sort(byNumber),
    words: words.sort(([a], [b]) => (a ?? 0) - (b ?? 0)),
    caches: state.caches.map((cache) => [...cache].sort(byName)),
    tlbs: state.tlbs.map((tlb) => [...tlb].sort(byName)),
    cells: state.allCells(),
  };
}

const byNumber = ([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number => a - b;
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
