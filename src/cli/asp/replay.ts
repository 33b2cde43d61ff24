import { COMMANDS } from '../../engine/asp/commands';
import { guestContext } from '../../engine/asp/guests';
import { bufferSize, type CommandName, packCommand, unpackCommand } from '../../engine/asp/layouts';
import { bellOf, ringMailbox } from '../../engine/asp/mailbox';
import { compareHost, compareState, compareStatus, type Difference } from './compare';
import { type Post, type Step, type TraceConfig, TraceError, type TraceRecord } from './format';
import { HOST_DEEDS } from './host';
import { Lab } from './lab';
import { Parameters } from './parameters';
import { REQUESTS, requestedCommand } from './requests';

/** What a step came to. `uncounted`: its outcome hung on memory that the firmware left uninitialised, or on what the recording replaced. */
export type Verdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] }
  | { readonly kind: 'uncounted' };

export interface StepResult {
  /** `R010 step 3`, `L-lupdate probe 12`. */
  readonly id: string;
  readonly step: Step;
  readonly verdict: Verdict;
}

/** Steps whose outcome what the recording replaced has decided. */
const REPLACED: ReadonlySet<string> = new Set(['fwimage', 'iommu', 'rsa']);

const isUncounted = ({ uninit, stubDecides }: Step): boolean =>
  uninit === true || (stubDecides !== undefined && REPLACED.has(stubDecides));

/** What a step answered: the status of a command, or what the host’s own doing came to. */
export type Reply = { readonly status: number } | { readonly host: string };

/** A trace in the middle: which guests it has, and what is expected of its state. */
export class Run {
  readonly lab: Lab;
  readonly guests = new Map<string, number>();
  private expected: Post = { sev: 'UNINIT', snp: 'UNINIT', rmp: false };

  constructor(lab: Lab) {
    this.lab = lab;
  }

  copy(): Run {
    const run = new Run(this.lab);
    for (const [label, handle] of this.guests) run.guests.set(label, handle);
    run.expected = this.expected;
    return run;
  }

  step(step: Step): Verdict {
    if (step.post && step.post !== 'same') this.expected = step.post;
    const reply = this.perform(step);
    if (isUncounted(step)) return { kind: 'uncounted' };
    const differences = [
      ...('status' in reply ? compareStatus(step, reply.status, this.lab) : compareHost(step, reply.host)),
      ...compareState(this.lab, this.expected, this.guests, step),
    ];
    return differences.length === 0 ? { kind: 'agrees' } : { kind: 'differs', differences };
  }

  /** Carries a step out. @throws TraceError for a command that nobody knows. */
  perform(step: Step): Reply {
    const { lab } = this;
    const of = new Parameters(lab, step, this.guests);
    if (Object.hasOwn(HOST_DEEDS, step.cmd)) return { host: HOST_DEEDS[step.cmd]?.(lab, of) ?? '' };
    const buffer = of.at('cmdbuf', 'CMDBUF');
    if (step.cmd === 'RAW') return { status: this.ring(of.number('id', 0), buffer) };
    const name = requestedCommand(step.cmd);
    if (name === null) throw new TraceError(`nobody knows the command ${step.cmd}`);
    const fields = REQUESTS[name](of);
    lab.poke(buffer, packCommand(name, fields));
    const status = this.ring(COMMANDS[name].id, buffer);
    if (status === 0) this.noteGuest(name, step, buffer);
    return { status };
  }

  private ring(id: number, buffer: number): number {
    const answer = ringMailbox(this.lab.p, bellOf(id, BigInt(buffer)));
    if (!answer) throw new Error('the secure processor does not answer');
    return answer.value;
  }

  private noteGuest(name: CommandName, step: Step, buffer: number): void {
    if (name === 'LAUNCH_START' || name === 'RECEIVE_START') {
      const bytes = this.lab.peek(buffer, bufferSize(name));
      this.guests.set(String(step.p?.guest ?? 'g1'), Number(unpackCommand(name, bytes).HANDLE));
    }
    for (const [label, handle] of this.guests)
      if (!guestContext(this.lab.p, handle)) this.guests.delete(label);
  }
}

/** One machine a configuration; every trace starts from its power-on, and a probe from the end of its set-up. */
class Place {
  readonly lab: Lab;
  private readonly start: number;
  private setup: { readonly id: string; readonly run: Run; readonly mark: number } | null = null;

  constructor(config: TraceConfig) {
    this.lab = new Lab(config);
    this.start = this.lab.mark;
  }

  fresh(): Run {
    this.lab.backTo(this.start);
    this.setup = null;
    return new Run(this.lab);
  }

  /** The end of a set-up, which is played again only when something else came between. */
  after(id: string, steps: readonly Step[]): Run {
    if (this.setup?.id !== id) {
      const run = this.fresh();
      for (const step of steps) run.step(step);
      this.setup = { id, run, mark: this.lab.mark };
    }
    this.lab.backTo(this.setup.mark);
    return this.setup.run.copy();
  }
}

/** Plays all traces of a file against the engine. */
export function* replay(records: readonly TraceRecord[]): Generator<StepResult> {
  const configs = new Map<string, TraceConfig>();
  const setups = new Map<string, Extract<TraceRecord, { k: 'happy' | 'seq' | 'setup' }>>();
  for (const record of records) {
    if (record.k === 'config') configs.set(record.cfg, record);
    if (record.k === 'setup') setups.set(record.id, record);
  }
  const places = new Map<string, Place>();
  const placeOf = (cfg: string): Place => {
    const config = configs.get(cfg);
    if (!config) throw new TraceError(`there is no configuration ${cfg}`);
    const place = places.get(cfg) ?? new Place(config);
    places.set(cfg, place);
    return place;
  };
  for (const record of records) {
    if (record.k === 'config') continue;
    if (record.k === 'probe') {
      const setup = setups.get(record.setup);
      if (!setup) throw new TraceError(`there is no set-up ${record.setup}`);
      const run = placeOf(setup.cfg).after(setup.id, setup.steps);
      const id = `${setup.id} probe ${record.i ?? ''}`.trim();
      yield { id, step: record.r, verdict: run.step(record.r) };
      continue;
    }
    const run = placeOf(record.cfg).fresh();
    for (const [i, step] of record.steps.entries())
      yield { id: `${record.id} step ${i + 1}`, step, verdict: run.step(step) };
  }
}
