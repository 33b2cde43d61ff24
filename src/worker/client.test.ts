import { expose } from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Connection, EngineClient, EngineGone, type WorkerLike } from './client';
import type { Place } from './protocol';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

type Handlers = Record<string, (...args: never[]) => unknown>;

/** A worker without a thread: the far end of a channel answers, and `fail` does what a dying worker does. */
function fakeWorker(handlers: Handlers): WorkerLike & { fail: (message: string) => void; ended: boolean } {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  expose({ connect: async () => {}, ...handlers }, port1 as never);
  const listeners = new Map<string, (event: unknown) => void>();
  const near = port2 as unknown as WorkerLike;
  const worker = {
    ended: false,
    postMessage: near.postMessage.bind(near),
    start: () => port2.start(),
    addEventListener: (type: string, listener: never, options: never) => {
      listeners.set(type, listener);
      near.addEventListener(type, listener, options);
    },
    removeEventListener: near.removeEventListener.bind(near),
    terminate: () => {
      worker.ended = true;
    },
    fail: (message: string) => listeners.get('error')?.({ message }),
  };
  return worker;
}

const LINK: Place = { kind: 'link', hash: '#1/s/cold-boot/3' };
const FILE: Place = { kind: 'file', name: 'session.json', bytes: new Uint8Array(1) };

function setUp(generations: readonly Handlers[]) {
  const workers: ReturnType<typeof fakeWorker>[] = [];
  const states: Connection['state'][] = [];
  const reopened: unknown[] = [];
  const unanswered: string[] = [];
  const client = new EngineClient({
    spawn: () => {
      const worker = fakeWorker(generations[Math.min(workers.length, generations.length - 1)] ?? {});
      workers.push(worker);
      return worker;
    },
    onUpdate: () => {},
    onConnection: ({ state }) => states.push(state),
    kept: async () => [LINK, FILE],
    onReopened: (status) => reopened.push(status),
    onUnanswered: (reason) => unanswered.push(reason),
  });
  return { client, workers, states, reopened, unanswered };
}

describe('the client of the worker', () => {
  it('passes calls on and values back', async () => {
    const { client, states } = setUp([{ digest: async () => 'abc' }]);
    expect(await client.api.digest()).toBe('abc');
    expect(states).toEqual(['ready']);
  });

  it('settles every call in flight with the reason when the worker dies, and replays the session in a new one', async () => {
    const open = vi.fn(async () => ({ ok: true, value: { cursor: 7 } }));
    const { client, workers, states, reopened } = setUp([
      { digest: () => new Promise(() => {}) },
      { digest: async () => 'again', open },
    ]);
    await client.ready();
    const first = client.api.digest();
    const second = client.api.digest();
    const settled = Promise.allSettled([first, second]);
    await vi.waitFor(() => expect(workers).toHaveLength(1));
    workers[0]?.fail('out of memory');
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: new EngineGone('out of memory') });
    }
    expect(workers[0]?.ended).toBe(true);
    expect(await client.api.digest()).toBe('again');
    expect(open).toHaveBeenCalledWith(LINK);
    expect(reopened).toEqual([{ cursor: 7 }]);
    expect(states).toEqual(['ready', 'restarting', 'ready']);
  });

  it('takes a throw of a moving call for a crash', async () => {
    const crash = {
      perform: async () => {
        throw new Error('index out of range');
      },
    };
    const { client, states } = setUp([
      crash,
      { open: async () => ({ ok: true, value: {} }), digest: async () => 'x' },
    ]);
    await expect(client.api.perform({ type: 'x' })).rejects.toThrow('perform: index out of range');
    expect(await client.api.digest()).toBe('x');
    expect(states).toEqual(['ready', 'restarting', 'ready']);
  });

  it('lets a look that throws fail, says so once, and goes on', async () => {
    const broken = {
      digest: async () => 'x',
      chip: async () => {
        throw new Error('no chip');
      },
    };
    const { client, workers, unanswered } = setUp([broken]);
    for (let i = 0; i < 5; i++) await expect(client.api.chip()).rejects.toThrow('chip: no chip');
    expect(unanswered).toEqual(['chip: no chip']);
    expect(await client.api.digest()).toBe('x');
    expect(workers).toHaveLength(1);
  });

  it('tries the next best when a kept session kills the worker, and ends with a fresh machine', async () => {
    const places: Place[] = [];
    const deadly = {
      open: async (place: Place) => {
        places.push(place);
        if (place.kind !== 'machine') throw new Error('replay failed');
        return { ok: true, value: { cursor: 0 } };
      },
      perform: async () => {
        throw new Error('first');
      },
      digest: async () => 'fresh',
    };
    const { client, reopened } = setUp([deadly]);
    await expect(client.api.perform({ type: 'x' })).rejects.toBeInstanceOf(EngineGone);
    await vi.waitFor(() => expect(reopened).toEqual([null]));
    expect(places).toEqual([LINK, FILE, { kind: 'machine', config: {} }]);
    expect(await client.api.digest()).toBe('fresh');
  });

  it('replays the same session after every crash, and gives up when there is no end to them', async () => {
    const places: Place[] = [];
    const fragile = {
      open: async (place: Place) => {
        places.push(place);
        return { ok: true, value: {} };
      },
      perform: async () => {
        throw new Error('again');
      },
    };
    const { client, states } = setUp([fragile]);
    for (let i = 0; i < 4; i++)
      await expect(client.api.perform({ type: 'x' })).rejects.toThrow('perform: again');
    expect(places).toEqual([LINK, LINK, LINK]);
    expect(states.at(-1)).toBe('down');
    await expect(client.api.digest()).rejects.toThrow('perform: again');
  });
});
