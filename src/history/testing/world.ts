import { Session } from '../session';
import { randomFrom, type ToyAction, ToyMachine, toyActionSchema, toyConfig } from './toy';

/** What the laws of the history are tried on. Another machine is another object of this shape. */
export const world = {
  config: toyConfig,
  powerOn: (...args: ConstructorParameters<typeof ToyMachine>) => new ToyMachine(...args),
  schema: toyActionSchema,
  /** Some action for every number; large enough to be interesting. */
  action(seed: number): ToyAction {
    const random = randomFrom(seed);
    return { type: 'toy', seed, size: random(30), ends: random(5) === 0 ? 'refused' : 'well' };
  },
  /** One whose handler throws on the way. */
  broken: (seed: number): ToyAction => ({ type: 'toy', seed, size: 20, ends: 'broken' }),
  long: (size: number): ToyAction => ({ type: 'toy', seed: size, size, ends: 'well' }),
};

export type WorldAction = ToyAction;
export type WorldSession = Session<ToyAction, ToyMachine>;

/** A session in which the actions of these numbers were performed. */
export function played(seeds: readonly number[], budget?: number): WorldSession {
  const session: WorldSession = new Session({ config: world.config, powerOn: world.powerOn, budget });
  for (const seed of seeds) session.performNow(world.action(seed));
  return session;
}
