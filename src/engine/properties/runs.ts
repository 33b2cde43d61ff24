import { BLOCK_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { Change, FactChange } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import type { Deduced, PrivateBlock } from './deduction';
import type { Observation } from './observation';

/** A private block that a run read before it wrote there. */
interface Input {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** The guest had copied it in from shared memory: whoever put it there knows what it is. */
  readonly told: boolean;
}

/** One run of a guest’s program under the hypervisor’s eyes. */
interface Run {
  readonly principal: number;
  /** The program’s bytes, as its guest wrote them. */
  readonly program: Uint8Array | null;
  /** In the order in which they were read. */
  readonly inputs: Input[];
  readonly written: Set<number>;
  /** What the hypervisor saw; null: the run is not over. */
  shape: string | null;
}

/** What the monitors know of memory. */
export interface Ghost {
  /** A whole block at an address of a principal’s own memory, as it wrote it. */
  block(principal: number, address: number): Uint8Array | null;
  told(principal: number, address: number): boolean;
  /** The private block that lies at an SPA. */
  behind(spa: number): PrivateBlock | null;
}

/**
 * What follows from how a program runs. The attacker runs the same program with inputs of its own, and takes down what it sees of
 * the exits. A guest’s run that looks like one of these, and not like the other, had the same input: the secret is known as soon
 * as the trace depends on it.
 *
 * A guess counts when the record shows all of that: three runs of the same bytes; the guest read the block that is guessed, which
 * nobody told it; of the attacker’s two runs, each with an input that it was told in the same place, one looks the same and had
 * the guessed value, the other looks different and had another; and the guess is what the guest wrote.
 */
export class Runs {
  private readonly ghost: Ghost;
  private readonly runs = new Map<string, Run>();
  private open: Run | null = null;

  constructor(ghost: Ghost) {
    this.ghost = ghost;
  }

  /** A guest reads or writes; what it wrote itself in a run is no input of it. */
  observe({ principal, wrote, private: own, fetched, gpa, bytes }: Observation): void {
    const run = this.open;
    if (!run || run.principal !== principal || gpa === null || fetched) return;
    for (let block = gpa - (gpa % BLOCK_SIZE); block < gpa + bytes.length; block += BLOCK_SIZE) {
      if (wrote) run.written.add(block);
      else if (own && !run.written.has(block)) this.input(run, block);
    }
  }

  private input({ principal, inputs }: Run, address: number): void {
    if (inputs.some((each) => each.address === address)) return;
    const bytes = this.ghost.block(principal, address)?.slice();
    if (bytes) inputs.push({ address, bytes, told: this.ghost.told(principal, address) });
  }

  /** Whose secret a comparison of traces with a right guess gives away, and where it lies; null for any other change. */
  concluded(change: Change): Deduced | null {
    if (change.store !== 'fact' || change.what !== 'note') return null;
    if (change.data.what === 'trace begins') this.begin(change);
    if (change.data.what === 'trace kept' && this.open) {
      this.open.shape = String(change.data.shape);
      this.open = null;
    }
    return change.data.what === 'traces compared' ? this.compare(change) : null;
  }

  private begin({ data }: FactChange): void {
    const principal = OWNER_GUEST + Number(data.domain);
    const program = data.program as { readonly gpa: number; readonly length: number } | null;
    const bytes = program && this.bytes(principal, program.gpa, program.length);
    this.open = { principal, program: bytes, inputs: [], written: new Set(), shape: null };
    this.runs.set(String(data.name), this.open);
  }

  /** What a guest wrote there, as far as all of it is known. */
  private bytes(principal: number, address: number, length: number): Uint8Array | null {
    const out = new Uint8Array(Math.ceil(length / BLOCK_SIZE) * BLOCK_SIZE);
    for (let at = 0; at < out.length; at += BLOCK_SIZE) {
      const block = this.ghost.block(principal, address + at);
      if (!block) return null;
      out.set(block, at);
    }
    return out.subarray(0, length);
  }

  private compare({ data, bytes: guess }: FactChange): Deduced | null {
    const [run, ...others] = [data.trace, data.first, data.second].map((name) => this.runs.get(String(name)));
    if (!run || !guess || guess.length < BLOCK_SIZE || typeof data.spa !== 'number') return null;
    const wanted = guess.subarray(0, BLOCK_SIZE);
    const kept = this.ghost.behind(data.spa);
    if (kept?.principal !== run.principal || !bytesEqual(kept.bytes, wanted)) return null;
    const place = run.inputs.findIndex(({ address }) => address === kept.address);
    const secret = run.inputs[place];
    if (!secret || secret.told || !bytesEqual(secret.bytes, wanted)) return null;
    const known = others.filter((other) => other && isSameProgram(run, other) && other.inputs[place]?.told);
    const had = (other: Run | undefined) =>
      bytesEqual(other?.inputs[place]?.bytes ?? new Uint8Array(0), wanted);
    const [like, unlike] = [known.filter(had), known.filter((other) => !had(other))];
    const tells =
      like.some((other) => other?.shape === run.shape) && unlike.every((other) => other?.shape !== run.shape);
    if (!tells || unlike.length === 0) return null;
    return { principal: run.principal, actor: String(data.actor), spa: data.spa };
  }
}

const isSameProgram = (a: Run, b: Run): boolean =>
  a.program !== null && b.program !== null && bytesEqual(a.program, b.program);
