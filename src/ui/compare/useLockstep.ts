import { useEffect, useRef, useState } from 'react';
import { overlayStore } from '../../store/overlay';
import { viewStore } from '../../store/view';
import { belongsToWidget, pressed } from '../app/hotkeys';

/** How long a step stays on screen while playing. */
const READING = 2500;

export interface Lockstep {
  readonly playing: boolean;
  readonly toggle: () => void;
}

interface Way {
  readonly step: number;
  readonly last: number;
  /** How many steps have been played on every machine. */
  readonly ready: number;
  readonly go: (step: number) => void;
}

/** The keys of the main view, and playing, for all machines at once. */
export function useLockstep(way: Way): Lockstep {
  const { step, last, ready } = way;
  const [wanted, setWanted] = useState(false);
  const latest = useRef(way);
  latest.current = way;
  const playing = wanted && step < last;

  useEffect(() => {
    if (!playing || ready <= step) return;
    const timer = setTimeout(() => latest.current.go(step + 1), READING);
    return () => clearTimeout(timer);
  }, [playing, ready, step]);

  const toggle = (): void => setWanted(!playing);
  const toggleNow = useRef(toggle);
  toggleNow.current = toggle;

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (viewStore.getState().blanked || overlayStore.getState().overlay !== null) return;
      const target = event.composedPath()[0] ?? event.target;
      if (belongsToWidget(target, event) || isMap(target)) return;
      const now = latest.current;
      const by = directionOf(event);
      if (by !== null) now.go(Math.max(0, Math.min(now.last, now.step + by)));
      else if (pressed(' ', event)) toggleNow.current();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before the commands of the machine, which is out of sight.
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, []);
  return { playing, toggle };
}

function directionOf(event: KeyboardEvent): 1 | -1 | null {
  if (pressed('ArrowRight', event) || pressed('PageDown', event)) return 1;
  if (pressed('ArrowLeft', event) || pressed('PageUp', event)) return -1;
  return null;
}

/** The map moves by its own arrow keys. */
const isMap = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[role=application]') !== null;
