import type { JsonObject } from '../../engine/core/json';
import { createHost } from '../../worker/engineHost';
import type { EngineApi } from '../../worker/protocol';
import type { FigureDefinition } from '../figure';
import { digits, median, quantile } from '../stats';
import { cipherTime } from '../work/cipher';
import { createGuest, write } from '../work/play';

const REPEATS = 200;
/** Actions performed before each measurement. */
const LENGTHS = [10, 100, 1000, 3000] as const;

interface Opened {
  readonly api: EngineApi;
  /** Where Alice keeps her note. */
  readonly at: number;
}

/** The worker's host without the worker, with a guest and its note. */
async function opened(): Promise<Opened> {
  const api = createHost({ now: () => performance.now(), pause: () => new Promise(setImmediate) });
  await api.connect(() => {});
  await api.open({ kind: 'machine', config: {} });
  await perform(api, createGuest('alice', 2 ** 20));
  const result = await perform(api, { type: 'guest.write', guest: 'alice', data: 'balance=0 EUR' });
  return { api, at: Number((result as { at: number }).at) };
}

async function perform(api: EngineApi, action: object): Promise<unknown> {
  const reply = await api.perform(action as JsonObject);
  if (!reply.ok) throw new Error(reply.refusal.message);
  if (reply.value.fault) throw new Error(reply.value.fault.message);
  return reply.value.result;
}

async function times(count: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await work(n);
    all.push(performance.now() - start);
  }
  return all;
}

const question = (
  name: string,
  title: string,
  ask: (opened: Opened, n: number) => Promise<unknown>,
): FigureDefinition => ({
  name,
  title,
  unit: 'ms',
  target: null,
  run: async () => {
    const host = await opened();
    await times(REPEATS, (n) => ask(host, n));
    const all = await times(REPEATS, (n) => ask(host, n));
    const value = median(all);
    return {
      value,
      reference: { what: 'noble’s ecb over a page', ratio: (value * REPEATS) / cipherTime(REPEATS * 4096) },
      notes: [`p95 ${digits(quantile(all, 0.95))} ms`],
    };
  },
});

const look = question('look', 'A look at a page through a guest’s eye, in the worker', ({ api, at }) =>
  api.look({ eye: 'guest', guest: 'alice', space: 'gva' }, at, 4096),
);
const read = question(
  'read',
  'A guest’s read with everything the window is told, in the worker',
  ({ api, at }) => perform(api, { type: 'guest.read', guest: 'alice', at }),
);
const written = question('write', 'The same for a guest’s write', ({ api, at }, n) =>
  perform(api, write(at, n)),
);

const longer: FigureDefinition = {
  name: 'action-growth',
  title: 'An action in the worker after 3,000 others ÷ after 10',
  unit: '×',
  target: null,
  run: async () => {
    const warm = await opened();
    await times(REPEATS, (n) => perform(warm.api, write(warm.at, n)));
    const { api, at } = await opened();
    let made = 2;
    const values: number[] = [];
    for (const length of LENGTHS) {
      await times(length - made, (n) => perform(api, write(at, n)));
      values.push(median(await times(20, (n) => perform(api, write(at, n)))));
      made = length + 20;
    }
    return {
      value: (values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN),
      reference: null,
      notes: [LENGTHS.map((length, i) => `${digits(values[i] ?? Number.NaN)} ms after ${length}`).join(', ')],
    };
  },
};

export const HOST_FIGURES = [look, read, written, longer];
