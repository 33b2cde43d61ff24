import { type Endpoint, proxy, type Remote, transfer, wrap } from 'comlink';
import type { EngineApi, Place, Status, Update } from './protocol';

/** How the window stands with its worker. `reason` is the kept sentence of the last crash. */
export type Connection =
  | { readonly state: 'starting' }
  | { readonly state: 'ready' }
  | { readonly state: 'restarting'; readonly reason: string }
  | { readonly state: 'down'; readonly reason: string };

/** A call that will never be answered, and why. */
export class EngineGone extends Error {
  override readonly name = 'EngineGone';
}

export interface WorkerLike extends Endpoint {
  terminate(): void;
}

export interface ClientHost {
  readonly spawn: () => WorkerLike;
  readonly onUpdate: (update: Update) => void;
  readonly onConnection: (connection: Connection) => void;
  /** What to open again after a crash, the best first. */
  readonly kept: () => Promise<readonly Place[]>;
  /** What was opened instead, once the worker stands again, and why it had to be. */
  readonly onReopened: (status: Status | null, reason: string) => void;
  /** A question that threw, each reason once: the machine stands, but a view has no answer. */
  readonly onUnanswered?: (reason: string) => void;
  /** How many calls are in flight, whenever that changes. */
  readonly onAsked?: (unanswered: number) => void;
  readonly now?: () => number;
}

interface Session {
  readonly worker: WorkerLike;
  readonly remote: Remote<EngineApi>;
  /** One for each call in flight: rejects it. */
  readonly lost: Set<(reason: Error) => void>;
}

const FRESH: Place = { kind: 'machine', config: {} };

/** So many crashes within so long, and the client stops trying by itself. */
const PATIENCE = { crashes: 3, within: 60_000 };

/** A throw while these run may have left the machine half moved: a crash. The others only look, so that nothing is lost. */
const MOVING = new Set<keyof EngineApi>([
  'open',
  'perform',
  'load',
  'move',
  'fork',
  'returnToMain',
  'console',
]);

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const startWorker = (): WorkerLike =>
  new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'engine' });

/**
 * Calls the worker and survives it. When the worker dies, or throws while it moves the machine (a refusal is a value, so a
 * throw is our own bug), every call in flight is rejected with the kept reason, and a new worker opens what was kept.
 * A slow call is no crash.
 */
export class EngineClient {
  /** The worker's interface; a call made while the worker restarts waits for it. */
  readonly api: EngineApi;
  readonly #host: ClientHost;
  readonly #now: () => number;
  #session: Promise<Session>;
  #crashes: number[] = [];
  /** How many of the kept places have killed a worker while it opened them. */
  #skip = 0;
  readonly #thrown = new Set<string>();
  readonly #ended = new WeakSet<Session>();

  constructor(host: ClientHost) {
    this.#host = host;
    this.#now = host.now ?? (() => performance.now());
    const call = (name: keyof EngineApi, args: unknown[]) => this.#call(name, args);
    this.api = new Proxy({} as EngineApi, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          call(name as keyof EngineApi, args),
    });
    this.#session = this.#begin(null);
    this.#session.catch(() => {});
  }

  /** Settles when a worker stands. */
  async ready(): Promise<void> {
    await this.#session;
  }

  /** After `down`: once more, on a fresh machine, since the kept session may be what kills the worker. */
  restart(): void {
    this.#crashes = [];
    this.#skip = Number.POSITIVE_INFINITY;
    this.#restart('it had stopped');
  }

  async #call(name: keyof EngineApi, args: readonly unknown[]): Promise<unknown> {
    const session = await this.#session;
    try {
      return await this.#ask(session, name, args);
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      const reason = `${name}: ${sentence(error)}`;
      if (MOVING.has(name)) this.#crashed(session, reason);
      else if (!this.#thrown.has(reason)) {
        this.#thrown.add(reason);
        this.#host.onUnanswered?.(reason);
      }
      throw new EngineGone(reason);
    }
  }

  #ask(session: Session, name: keyof EngineApi, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      session.lost.add(reject);
      this.#host.onAsked?.(session.lost.size);
      const method = session.remote[name] as (...args: unknown[]) => Promise<unknown>;
      method(...args.map((arg) => crossing(name, arg)))
        .then(resolve, reject)
        .finally(() => {
          if (session.lost.delete(reject)) this.#host.onAsked?.(session.lost.size);
        });
    });
  }

  async #begin(
    again: { readonly places: readonly Place[]; readonly reason: string } | null,
  ): Promise<Session> {
    const worker = this.#host.spawn();
    const session: Session = { worker, remote: wrap<EngineApi>(worker), lost: new Set() };
    const fail = (event: unknown) => {
      const { message } = event as { message?: unknown };
      this.#crashed(
        session,
        typeof message === 'string' && message ? message : 'the worker could not be run',
      );
    };
    worker.addEventListener('error', fail as EventListener);
    worker.addEventListener('messageerror', fail as EventListener);
    try {
      await this.#ask(session, 'connect', [this.#host.onUpdate]);
      if (again) this.#host.onReopened(await this.#reopen(session, again.places), again.reason);
    } catch (error) {
      this.#skip++;
      this.#crashed(session, sentence(error));
      throw error;
    }
    this.#skip = 0;
    this.#host.onConnection({ state: 'ready' });
    return session;
  }

  /** The status of the kept session, or null when none could be opened and a fresh machine stands in its place. */
  async #reopen(session: Session, places: readonly Place[]): Promise<Status | null> {
    for (const place of [...places, FRESH]) {
      const reply = (await this.#ask(session, 'open', [place])) as Awaited<ReturnType<EngineApi['open']>>;
      if (reply.ok) return place === FRESH ? null : reply.value;
    }
    return null;
  }

  #crashed(session: Session, reason: string): void {
    if (this.#ended.has(session)) return;
    this.#ended.add(session);
    session.worker.terminate();
    const now = this.#now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < PATIENCE.within), now];
    if (this.#crashes.length > PATIENCE.crashes) {
      this.#session = Promise.reject(new EngineGone(reason));
      this.#session.catch(() => {});
      this.#host.onConnection({ state: 'down', reason });
    } else {
      this.#restart(reason);
    }
    for (const reject of session.lost) reject(new EngineGone(reason));
    session.lost.clear();
    this.#host.onAsked?.(0);
  }

  #restart(reason: string): void {
    this.#host.onConnection({ state: 'restarting', reason });
    const skip = this.#skip;
    this.#session = this.#host.kept().then((places) => this.#begin({ places: places.slice(skip), reason }));
    this.#session.catch(() => {});
  }
}

/**
 * A function stays here and is called from there; a dropped file moves over instead of being copied, unless a session is
 * opened from it, which may have to be opened again.
 */
function crossing(name: keyof EngineApi, arg: unknown): unknown {
  if (typeof arg === 'function') return proxy(arg as () => void);
  const bytes = name === 'open' ? null : (arg as { bytes?: unknown } | null)?.bytes;
  return bytes instanceof Uint8Array ? transfer(arg, [bytes.buffer]) : arg;
}
