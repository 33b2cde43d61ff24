import { createStore } from 'zustand/vanilla';
import { EngineGone } from '../worker/client';
import type { Refusal } from '../worker/protocol';
import { begin, branchingOff, engine } from './session';

/** The launch of a guest of the machine from what the launch view shows. */
interface LaunchGuestState {
  /** While it is being launched: 0 … 1. */
  readonly progress: number | null;
  /** Why the last one was not made. */
  readonly refusal: Refusal | null;
}

export const launchGuestStore = createStore<LaunchGuestState>(() => ({ progress: null, refusal: null }));

/** Launches it. Cancelled or refused, there is no guest, and its files stay in Domain-0. */
export async function launchGuest(): Promise<void> {
  if (launchGuestStore.getState().progress !== null) return;
  begin('push');
  launchGuestStore.setState({ progress: 0, refusal: null });
  try {
    const reply = await branchingOff(() =>
      engine.launchGuest((progress) => launchGuestStore.setState({ progress })),
    );
    launchGuestStore.setState({ refusal: reply.ok ? null : reply.refusal });
  } catch (error) {
    if (!(error instanceof EngineGone)) throw error;
  } finally {
    launchGuestStore.setState({ progress: null });
  }
}

export const cancelLaunchGuest = (): void => void engine.cancel().catch(() => {});
