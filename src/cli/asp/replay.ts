import { COMMANDS } from '../../engine/asp/commands';
import { isSnpCommand } from '../../engine/asp/dispatch';
import { guestContext } from '../../engine/asp/guests';
import { bufferSize, type CommandName, packCommand, unpackCommand } from '../../engine/asp/layouts';
import { bellOf, ringMailbox } from '../../engine/asp/mailbox';
import { platformOf } from '../../engine/asp/platform';
import { statusOf } from '../../engine/asp/status';
import { wbinvdOn } from '../../engine/cpu/wbinvd';
import { type Post, type Step, type TraceConfig, TraceError, type TraceRecord } from './format';
import { Lab } from './lab';
import { Parameters, REQUESTS } from './requests';

/** What differs between a recorded step and the engine's. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * What a step came to. `uncounted`: its outcome hung on memory that the firmware left uninitialised, or on what the
 * recording replaced; `snp`: it needs SEV-SNP, which this firmware does not have.
 */
export type Verdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] }
  | { readonly kind: 'uncounted' }
  | { readonly kind: 'snp' };

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

/** A trace in the middle: which guests it has, and whether SNP has been up in it. */
export class Run {
  readonly lab: Lab;
  readonly guests = new Map<string, number>();
  private expected: Post = { sev: 'UNINIT', snp: 'UNINIT', rmp: false };
  private snp = false;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  copy(): Run {
    const run = new Run(this.lab);
    for (const [label, handle] of this.guests) run.guests.set(label, handle);
    run.expected = this.expected;
    run.snp = this.snp;
    return run;
  }

  step(step: Step): Verdict {
    if (step.post && step.post !== 'same') this.expected = step.post;
    this.snp ||= this.expected.snp !== 'UNINIT' || this.expected.rmp;
    if (this.snp || needsSnp(step)) return { kind: 'snp' };
    const status = this.perform(step);
    if (isUncounted(step)) return { kind: 'uncounted' };
    const differences = [...compareStatus(step, status, this.lab), ...this.compareState()];
    return differences.length === 0 ? { kind: 'agrees' } : { kind: 'differs', differences };
  }

  /** Carries a step out; answers with the status, or null for what the host does. */
  perform(step: Step): number | null {
    const { lab } = this;
    const of = new Parameters(lab, step, this.guests);
    if (step.cmd.startsWith('HOST_')) {
      hostAction(lab, of, step.cmd);
      return null;
    }
    const buffer = of.at('cmdbuf', 'CMDBUF');
    if (step.cmd === 'RAW') return this.ring(of.number('id', 0), buffer);
    const name = step.cmd as CommandName;
    const fields = REQUESTS[name](of);
    lab.poke(buffer, packCommand(name, fields));
    const status = this.ring(COMMANDS[name].id, buffer);
    if (status === 0) this.noteGuest(name, step, buffer);
    return status;
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

  private compareState(): Difference[] {
    const { p } = this.lab;
    const { sev, snp, rmpInitialised } = platformOf(p);
    const out: Difference[] = [];
    const note = (what: string, expected: unknown, got: unknown): void => {
      if (expected !== got) out.push({ what, expected: String(expected), got: String(got) });
    };
    note('SEV platform', this.expected.sev, sev);
    note('SNP platform', this.expected.snp, snp);
    note('RMP initialised', this.expected.rmp, rmpInitialised);
    const wanted = this.expected.guests ?? {};
    for (const label of new Set([...Object.keys(wanted), ...this.guests.keys()]))
      note(`guest ${label}`, shownGuest(wanted[label]), this.shownOwn(label));
    return out;
  }

  private shownOwn(label: string): string {
    const context = guestContext(this.lab.p, this.guests.get(label) ?? 0);
    return shownGuest(context && { st: context.state, asid: context.asid, act: context.activation });
  }
}

const shownGuest = (guest: { st: string; asid: number; act: string } | null | undefined): string =>
  guest ? `${guest.st}, ASID ${guest.asid}, ${guest.act}` : 'none';

/** SNP_DLFW_CONTINUE, which the firmware refuses as unknown when x86 software sends it. */
const NOT_FROM_X86 = 0x0cc;

/** Commands and deeds of the host that only SEV-SNP has. @throws TraceError for what nobody has. */
function needsSnp({ cmd, p }: Step): boolean {
  if (cmd === 'HOST_WBINVD' || cmd === 'HOST_FILL') return false;
  if (cmd === 'RAW') return isSnpCommand(Number(p?.id)) && Number(p?.id) !== NOT_FROM_X86;
  if (cmd.startsWith('SNP_') || cmd.startsWith('HOST_')) return true;
  if (!Object.hasOwn(REQUESTS, cmd)) throw new TraceError(`nobody knows the command ${cmd}`);
  return false;
}

function hostAction(lab: Lab, of: Parameters, cmd: string): void {
  if (cmd === 'HOST_FILL') {
    lab.poke(of.at('page', 'D0'), new Uint8Array(4096).fill(of.number('byte', 0)));
    return;
  }
  const { threads } = lab.p.config.topology;
  const cores = lab.p.state.tlbs.length / threads;
  const mask = of.number('cores', 2 ** cores - 1);
  for (let core = 0; core < cores; core++)
    if ((mask >>> core) & 1) for (let i = 0; i < threads; i++) wbinvdOn(lab.p, core * threads + i);
}

const shownStatus = (value: number): string =>
  `0x${value.toString(16)} ${statusOf(value)?.name ?? ''}`.trim();

function compareStatus(step: Step, got: number | null, lab: Lab): Difference[] {
  if (got === null) return [];
  const { check } = lab.decided();
  const shown = check ? `${shownStatus(got)} by ${check}` : shownStatus(got);
  if (step.internal === true)
    return got !== 0 ? [] : [{ what: 'status', expected: 'some error', got: shown }];
  if (step.status === undefined || step.status === null || step.status === got) return [];
  return [{ what: 'status', expected: shownStatus(step.status), got: shown }];
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
