import { createStore } from 'zustand/vanilla';
import { EngineGone } from '../worker/client';
import type { LaunchChange, LaunchFileKind, LaunchView, Refusal } from '../worker/protocol';
import { engine } from './session';

/** The measured launch as the window shows it. */
interface LaunchState {
  readonly view: LaunchView | null;
  /** Why the last change was not made. */
  readonly refusal: Refusal | null;
  /** While it is being measured: 0 … 1. */
  readonly progress: number | null;
  /** The frame in front. */
  readonly frame: number;
}

export const launchStore = createStore<LaunchState>(() => ({
  view: null,
  refusal: null,
  progress: null,
  frame: 0,
}));

let turn = 0;

/** A new film begins at its first frame. */
function shown(view: LaunchView): Pick<LaunchState, 'view' | 'frame'> {
  const { view: old, frame } = launchStore.getState();
  const last = (view.film?.frames ?? 1) - 1;
  return { view, frame: old?.files.image?.name === view.files.image?.name ? Math.min(frame, last) : 0 };
}

/** Reads what the worker has; after it was restarted that is nothing. */
export async function readLaunch(): Promise<void> {
  const mine = turn;
  try {
    const view = await engine.launch();
    if (mine === turn) launchStore.setState(shown(view));
  } catch (error) {
    if (!(error instanceof EngineGone)) throw error;
  }
}

/** Hands over files, settings or a byte to invert. What is refused leaves everything as it was, and says why. */
export async function changeLaunch(change: LaunchChange): Promise<void> {
  const mine = ++turn;
  launchStore.setState({ progress: 0 });
  try {
    const { view, refusal } = await engine.changeLaunch(change, (done) => {
      if (mine === turn) launchStore.setState({ progress: done });
    });
    if (mine === turn) launchStore.setState({ ...shown(view), refusal, progress: null });
  } catch (error) {
    if (mine === turn) launchStore.setState({ progress: null });
    if (!(error instanceof EngineGone)) throw error;
  }
}

/** Ends the work; what stood before stands. */
export const cancelLaunch = (): void => void engine.cancelLaunch().catch(() => {});

export const putLaunchFile = (kind: LaunchFileKind, name: string, bytes: Uint8Array | Blob): Promise<void> =>
  changeLaunch({ put: { kind, name }, bytes });

export const showFrame = (frame: number): void => {
  const frames = launchStore.getState().view?.film?.frames ?? 1;
  launchStore.setState({ frame: Math.max(0, Math.min(frames - 1, Math.trunc(frame))) });
};

export const refuseLaunch = (refusal: Refusal | null): void => launchStore.setState({ refusal });
