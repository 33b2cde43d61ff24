import type { Progress } from '../../engine/core/action';
import { PAGE_SIZE, pfn, spa } from '../../engine/core/address';
import type { MachineConfig } from '../../engine/core/config';
import { type Outcome, ok, type Rule, refuse } from '../../engine/core/fault';
import type { Json } from '../../engine/core/json';
import { State } from '../../engine/core/state';
import { lineSlot, tlbSlot } from '../../engine/core/stores';
import { type Recorder, Trace } from '../../engine/core/trace';
import { z } from '../../engine/core/zod';
import type { Blobs, Engine } from '../engine';

/** `size` random moves drawn from `seed`; it breaks or is refused after half of them if it says so. */
export const toyActionSchema = z.strictObject({
  type: z.literal('toy'),
  seed: z.int().check(z.minimum(0)),
  size: z.int().check(z.minimum(0), z.maximum(2000)),
  ends: z.enum(['well', 'refused', 'broken']),
  blob: z.optional(z.string()),
});
export type ToyAction = z.infer<typeof toyActionSchema>;

export const toyConfig: MachineConfig = {
  generation: 'rome',
  technology: 'sev',
  memory: 4 * 2 ** 20,
  seed: 7,
  tsme: false,
  sme: 'none',
  encryption: 'xex-linear',
  xen: 'project',
  topology: { sockets: 1, complexes: 2, cores: 1, threads: 1 },
  memoryMap: [],
  writeBack: 'soon',
  cacheLines: 64,
  fixes: [],
};

const NO: Rule = {
  id: 'toy.no',
  says: 'A toy says no when told to.',
  source: 'this file',
  standing: 'modelled',
};
const no = refuse(NO, 'refused', 'The toy says no.', {}, 'Tell it otherwise.');

/** A machine that means nothing and moves everything: every store, nested spans, spans without changes, refusals. */
export class ToyMachine implements Engine<ToyAction> {
  readonly state = new State(2, 2);
  private readonly trace: Trace;
  private readonly recorder: Recorder;
  private readonly blobs: Blobs;

  constructor(config: MachineConfig, recorder: Recorder, blobs: Blobs) {
    this.trace = new Trace(this.state, recorder);
    this.recorder = recorder;
    this.blobs = blobs;
    this.trace.call('physical', 'machine', 'power on', {}, () => {
      this.trace.set('power', 0, { on: true });
      this.trace.set('asp', 0, { resets: 0, serial: config.seed });
    });
  }

  *perform(action: ToyAction): Generator<Progress, Outcome<Json>> {
    const random = randomFrom(action.seed);
    this.recorder.open('toolstack', 'toy', 'perform', { size: action.size });
    for (let done = 0; done < action.size; done++) {
      if (action.ends === 'broken' && done * 2 >= action.size) throw new Error('the toy broke');
      this.move(random, 0);
      yield { done, total: action.size };
    }
    const blob = action.blob === undefined ? null : this.blobs.get(action.blob);
    if (blob) this.write(0, blob);
    const outcome = action.ends === 'refused' ? no : ok(action.size);
    this.recorder.close(outcome.ok ? outcome.value : null, outcome);
    return outcome;
  }

  private move(random: (below: number) => number, depth: number): void {
    const { trace } = this;
    const page = random(40);
    switch (random(9)) {
      case 0:
        trace.page(page, { owner: random(12), structure: random(2) === 1 });
        break;
      case 1:
        trace.page(2 ** 29 + page, { key: random(12), shared: random(2) === 1 });
        break;
      case 2:
        this.write(page * PAGE_SIZE + random(PAGE_SIZE), randomBytes(random, 1 + random(80)));
        break;
      case 3:
        this.line(random(2), page * 64, random(3));
        break;
      case 4:
        this.entry(random(2), page, random(3));
        break;
      case 5:
        trace.patch('asp', 0, { serial: random(100) });
        break;
      case 6:
        trace.set('slot', page, random(3) === 0 ? null : { keyId: `k${random(5)}` });
        break;
      case 7:
        trace.fact(random(6) === 0 ? 'fault' : 'note', { page }, random(2) === 0 ? NO : null);
        break;
      default:
        this.nest(random, depth);
    }
  }

  private nest(random: (below: number) => number, depth: number): void {
    const moves = depth > 4 ? 0 : random(5);
    this.trace.span<null>('xen', 'xen', `call ${moves}`, { moves }, () => {
      for (let n = 0; n < moves; n++) this.move(random, depth + 1);
      return random(5) === 0 ? no : ok(null);
    });
  }

  private write(address: number, after: Uint8Array): void {
    const before = this.state.dram.read(address, after.length);
    this.trace.emit({ store: 'dram', address: spa(address), before, after });
  }

  private line(complex: number, address: number, key: number): void {
    const slot = lineSlot(address, key);
    const before = this.state.caches[complex]!.get(slot) ?? null;
    const data = new Uint8Array(64).fill(address);
    const line = { address: spa(address), key, dirty: true, writer: 1, born: 0, data };
    this.trace.emit({ store: 'cache', complex, slot, before, after: before ? null : line });
  }

  private entry(core: number, page: number, asid: number): void {
    const slot = tlbSlot(asid, page);
    const before = this.state.tlbs[core]!.get(slot) ?? null;
    const bits = { gpa: null, c: true, nestedC: false, writable: true };
    const entry = { asid, page, size: PAGE_SIZE, target: spa(pfn(page) * PAGE_SIZE), ...bits, born: 0 };
    this.trace.emit({ store: 'tlb', core, slot, before, after: before ? null : entry });
  }
}

function randomBytes(random: (below: number) => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(3));
}

/** Mulberry32: whole numbers below `below`. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
