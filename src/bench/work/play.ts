import type { Action } from '../../engine/actions';
import { completeConfig } from '../../engine/config';
import type { Json } from '../../engine/core/json';
import { Player } from '../../history/player';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export const SMALL = 16 * MIB;
export const BIG = 4 * GIB;

/** A machine without a script. */
export const machine = (memory: number): Player => Player.start(completeConfig({ memory }));

/** Performs and answers with the result. @throws Error when it was refused. */
export function done(player: Player, action: Action): Record<string, Json> {
  const outcome = player.session.performNow(action);
  if (!outcome.ok) throw new Error(`${action.type}: ${outcome.fault.message}`);
  return outcome.value as Record<string, Json>;
}

export const createGuest = (guest: string, memory: number): Action => ({
  type: 'xl.create',
  config: 'alice.cfg',
  extra: `name="${guest}" memory=${memory / MIB}`,
});

export const write = (at: number, n: number): Action => ({
  type: 'guest.write',
  guest: 'alice',
  data: `balance=${n} EUR`,
  at,
});

/** A big machine with two guests, in which Alice goes on writing until there are so many changes. */
export function longSession(changes: number): Player {
  const player = machine(BIG);
  done(player, createGuest('alice', 64 * MIB));
  done(player, createGuest('bob', 64 * MIB));
  const { at } = done(player, { type: 'guest.write', guest: 'alice', data: 'balance=0 EUR' });
  for (let n = 1; player.session.length < changes; n++) done(player, write(Number(at), n));
  return player;
}

/** A file whose bytes follow no plain pattern. */
export function fileOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 167) >>> 3;
  return bytes;
}

/** Puts a dropped file into Alice's memory. */
export function loadFile(player: Player, bytes: Uint8Array): void {
  const blob = player.session.addBlob(bytes);
  done(player, { type: 'guest.load', guest: 'alice', blob, name: 'bench.bin' });
}
