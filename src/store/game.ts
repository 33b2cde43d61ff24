import { createStore } from 'zustand/vanilla';
import type { Role, SandboxLevel } from '../worker/protocol';
import { openPlace } from './session';

/** How the person plays: whose hands they have. The game itself is the session. */
export interface GameState {
  readonly role: Role;
}

/** Whose hands one has where nothing else is said. */
const USUAL = 'hypervisor' satisfies Role;
const OTHERS: readonly string[] = ['device', 'probe'] satisfies Role[];

export const gameStore = createStore<GameState>(() => ({ role: USUAL }));

export const playAs = (role: Role): void => gameStore.setState({ role });

/** The role for the address of a session without a script; null: the usual one. */
export function roleInAddress(): Role | null {
  const { role } = gameStore.getState();
  return role === USUAL ? null : role;
}

/** Takes up what an address says; a role that there is not is none. */
export const playAsSaid = (role: string | null): void =>
  playAs(role !== null && OTHERS.includes(role) ? (role as Role) : USUAL);

export const startGame = (level: SandboxLevel): Promise<boolean> => openPlace({ kind: 'game', level });
