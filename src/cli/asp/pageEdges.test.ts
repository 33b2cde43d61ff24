import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ANY_COMMAND, PAGE_EDGES, pageEdge } from '../../engine/asp/snp/pageMachine';
import { completeConfig } from '../../engine/config';
import type { Change } from '../../engine/core/change';
import type { Platform } from '../../engine/core/platform';
import type { Layer } from '../../engine/core/span';
import { Trace } from '../../engine/core/trace';
import type { RmpEntry } from '../../engine/rmp/entry';
import { entryRuns, stateMoves } from '../../engine/rmp/moves';
import { entryIn, metadataGpa } from '../../engine/rmp/pageState';
import { writeEntry } from '../../engine/rmp/table';
import { PAGE_STATES } from '../../engine/rmp/types';
import { parseTraces, type TraceRecord } from './format';
import { Lab } from './lab';
import { Run, replay } from './replay';

const sample = fileURLToPath(new URL('../../../../shared/vectors/asp-oracle-sample.jsonl', import.meta.url));

afterEach(() => void vi.restoreAllMocks());

/** Notes what the firmware’s commands do to pages: `from > to: command`. */
function watched(): Set<string> {
  const taken = new Set<string>();
  const calls: { layer: Layer; name: string }[] = [];
  const { emit, open, close } = Trace.prototype;
  vi.spyOn(Trace.prototype, 'emit').mockImplementation(function (this: Trace, change: Change) {
    emit.call(this, change);
    const call = calls.at(-1);
    if (change.store !== 'dram' || call?.layer !== 'asp') return;
    const p = {
      state: this.state,
      config: completeConfig({ memory: 2 ** 29 }),
      cipher: () => null,
    } as unknown as Platform;
    for (const { from, to } of stateMoves(p, entryRuns(p), change)) {
      const edge = pageEdge(from, to, call.name, true);
      expect(edge, `${from} > ${to}: ${call.name}`).not.toBeNull();
      const by = edge?.by.some((name) => name === call.name) ? call.name : ANY_COMMAND;
      taken.add(`${from} > ${to}: ${by}`);
    }
  });
  vi.spyOn(Trace.prototype, 'open').mockImplementation(function (this: Trace, layer, actor, name, args) {
    calls.push({ layer, name });
    open.call(this, layer, actor, name, args);
  });
  vi.spyOn(Trace.prototype, 'close').mockImplementation(function (this: Trace, result, outcome) {
    calls.pop();
    close.call(this, result, outcome);
  });
  return taken;
}

const theirs = PAGE_EDGES.filter(({ from, to }) => from !== to).flatMap(({ from, to, by }) =>
  by.filter((name) => name.includes('_') || name === ANY_COMMAND).map((name) => `${from} > ${to}: ${name}`),
);

/** Edges that nothing here takes, with the reason. */
const UNTRIED = [
  // The sample has no two guests of which one exports the other.
  'Context > Firmware: SNP_GUEST_REQUEST',
  // The sample brings no page back that its guest had accepted when it went.
  'Pre-Guest > Pre-Swap: SNP_PAGE_SWAP_IN',
];

const PAGES = Array.from({ length: 32 }, (_, i) => `P${i}`);
const STATES = PAGE_STATES.filter(
  (state) => state !== 'Default' && state !== 'Invalid' && state !== 'Metadata',
);
const ENTRIES: readonly RmpEntry[] = [
  ...STATES.map((state) => entryIn(state, { asid: /^(Guest|Pre)-/.test(state) ? 3 : 0 })),
  entryIn('Metadata', { gpa: metadataGpa(0x600000) }),
  entryIn('Firmware', { gpa: 0x5000 }),
];

describe.skipIf(!existsSync(sample))('recorded traces (skipped where the shared vectors are absent)', () => {
  const records = existsSync(sample) ? parseTraces(readFileSync(sample, 'utf8')) : [];
  /** A machine as the steps of a set-up leave it. */
  function after(id: string): { lab: Lab; run: Run } {
    const setup = records.find((record) => record.k === 'setup' && record.id === id);
    const config = records.find(
      (record) => record.k === 'config' && setup?.k === 'setup' && record.cfg === setup.cfg,
    );
    if (setup?.k !== 'setup' || config?.k !== 'config') throw new Error(`no set-up ${id}`);
    const lab = new Lab(config);
    const run = new Run(lab);
    for (const step of setup.steps) run.perform(step);
    return { lab, run };
  }

  it('take only the edges of the state machine of pages; with what they leave out, all that are the firmware’s', () => {
    const taken = watched();
    for (const _ of replay(records));
    moveAndReclaim(after('N-zoo-running'));
    giveBuffersBack(after('N-after-shutdown-ex-noiommu'));
    initialise(records);
    expect(theirs.filter((name) => !taken.has(name)).sort()).toEqual(UNTRIED);
  }, 120_000);
});

/** Moves every page of a guest’s zoo to every other, and reclaims each. */
function moveAndReclaim({ lab, run }: { lab: Lab; run: Run }): void {
  const { mark } = lab;
  for (const src of PAGES) {
    run.copy().perform({ cmd: 'SNP_PAGE_RECLAIM', p: { page: src } });
    lab.backTo(mark);
    for (const dst of PAGES) {
      run.copy().perform({ cmd: 'SNP_PAGE_MOVE', p: { gctx: 'G1', src, dst } });
      lab.backTo(mark);
    }
  }
}

/** With SNP shut down, a command’s buffer in a page of each state. */
function giveBuffersBack({ lab, run }: { lab: Lab; run: Run }): void {
  const { mark } = lab;
  for (const entry of ENTRIES) {
    writeEntry(lab.p, lab.address('P0'), entry);
    run.copy().perform({ cmd: 'PLATFORM_STATUS', p: { cmdbuf: 'P0' } });
    lab.backTo(mark);
  }
}

/** The first start of SNP on a table in which something stands already, where DRAM is, where none is, and in the table. */
function initialise(records: readonly TraceRecord[]): void {
  const config = records.find((record) => record.k === 'config' && record.snpEn && record.rmp !== undefined);
  if (config?.k !== 'config') throw new Error('no configuration with an RMP');
  const lab = new Lab(config);
  const { mark } = lab;
  for (const cmd of ['SNP_INIT', 'SNP_INIT_EX'])
    for (const entry of ENTRIES) {
      for (const place of ['P0', 'ASEG', 'RMPT']) writeEntry(lab.p, lab.address(place), entry);
      new Run(lab).perform({ cmd, p: cmd === 'SNP_INIT' ? {} : { init_rmp: 1 } });
      lab.backTo(mark);
    }
}
