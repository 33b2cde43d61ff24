import type { Surroundings } from './commands';
import { Desk } from './desk';
import type { EngineApi, Place } from './protocol';
import { BUSY, fine } from './replies';
import type { Rest } from './rest';
import { openUsual } from './usual';

/** What the first picture needs. */
type First = Pick<EngineApi, 'connect' | 'open'>;

/**
 * The machine behind the window. What powers it on and shows it comes first; what acts on it and answers questions about
 * it (`rest.ts`) is loaded when it is first asked for, and whoever asks waits for it.
 */
export function createHost(surroundings: Surroundings): EngineApi {
  const desk = new Desk();
  let loading: Promise<Rest> | null = null;

  const rest = (): Promise<Rest> => {
    loading ??= import('./rest').then(({ createRest }) => createRest(desk, surroundings));
    return loading;
  };

  const opening = async (place: Place) =>
    place.kind === 'usual'
      ? fine(await openUsual(() => desk.late?.hands ?? null))
      : (await rest()).openPlace(place);

  const first: First = {
    connect: async (onUpdate) => {
      desk.tell = onUpdate;
    },

    open: async (place) => {
      if (desk.working) return BUSY;
      const opened = await opening(place);
      if (!opened.ok) return opened;
      desk.put(opened.value);
      return fine(await desk.push());
    },
  };

  const later = async (name: keyof Rest['api'], args: unknown[]): Promise<unknown> => {
    const { api } = await rest();
    return (api[name] as (...args: unknown[]) => unknown)(...args);
  };
  return new Proxy(first as EngineApi, {
    get: (own, name) =>
      name in own ? own[name as keyof First] : (...args: unknown[]) => later(name as keyof Rest['api'], args),
  });
}
