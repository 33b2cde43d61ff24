import { createStore } from 'zustand/vanilla';
import { engineStore, selectAtEnd } from './engine';
import { refreshScript } from './script';
import { engine, move } from './session';
import { openTab, selectPage } from './view';

export interface TransportState {
  readonly playing: boolean;
  /** Changes a second. */
  readonly speed: number;
}

export const SPEEDS = [4, 16, 64, 256, 1024] as const;
const TICK = 60;
/** How long a freshly performed script step stays on screen while playing. */
const READING = 2500;

export const transportStore = createStore<TransportState>(() => ({ playing: false, speed: 64 }));

export const setSpeed = (speed: number): void => transportStore.setState({ speed });

export const pause = (): void => transportStore.setState({ playing: false });

export function togglePlay(): void {
  const playing = !transportStore.getState().playing;
  transportStore.setState({ playing });
  if (playing) void play();
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isPlaying = (): boolean => transportStore.getState().playing;

/** Through the changes at the chosen speed; at the end of what has happened, on with the script, if there is one. */
async function play(): Promise<void> {
  let owed = 0;
  let last = performance.now();
  while (isPlaying()) {
    const { status } = engineStore.getState();
    if (!status) break;
    if (selectAtEnd(engineStore.getState())) {
      if (!nextStep() || !(await stepScript(1))) break;
      await wait(READING);
      last = performance.now();
      continue;
    }
    const now = performance.now();
    owed += ((now - last) * transportStore.getState().speed) / 1000;
    last = now;
    const whole = Math.floor(owed);
    owed -= whole;
    if (whole > 0)
      await move({ to: 'change', change: Math.min(status.length, status.cursor + whole) }, 'replace');
    await wait(TICK);
  }
  pause();
}

/** The script step that comes next, or null in free play and after the last. */
export function nextStep(): number | null {
  const { status, script } = engineStore.getState();
  const step = status?.scenario?.step;
  return step !== undefined && script && step < script.steps.length ? step + 1 : null;
}

/** To the next or the previous step of the script, and to the view that shows it best. */
export async function stepScript(by: 1 | -1): Promise<boolean> {
  const { status } = engineStore.getState();
  if (!status) return false;
  if (!status.scenario)
    return move(
      by > 0
        ? { to: 'action', action: status.action + 1, edge: 'end' }
        : { to: 'action', action: status.action, edge: 'start' },
    );
  // The first key may come before the script, which comes behind the first picture.
  if (!engineStore.getState().script) await refreshScript(engine);
  const { script } = engineStore.getState();
  const step = status.scenario.step + by;
  if (!script || step < 0 || step > script.steps.length) return false;
  return goToStep(step);
}

export async function goToStep(step: number): Promise<boolean> {
  if (!(await move({ to: 'script', step }))) return false;
  // Where a step is best seen is known once its addresses are, after it.
  await refreshScript(engine);
  showStep(step);
  return true;
}

/** Opens the tab and selects the page that show a step best. */
export function showStep(step: number): void {
  const view = engineStore.getState().script?.steps[step - 1]?.view;
  if (view?.tab) openTab(view.tab);
  if (view?.page !== undefined) selectPage(view.page);
}
