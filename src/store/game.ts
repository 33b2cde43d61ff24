import { createStore } from 'zustand/vanilla';
import type { Role, SandboxLevel } from '../worker/protocol';
import { openPlace } from './session';

/** How the person plays: whose hands they have. The game itself is the session. */
export interface GameState {
  readonly role: Role;
}

export const gameStore = createStore<GameState>(() => ({ role: 'hypervisor' }));

export const playAs = (role: Role): void => gameStore.setState({ role });

export const startGame = (level: SandboxLevel): Promise<boolean> => openPlace({ kind: 'game', level });
