import { useSyncExternalStore } from 'react';

const QUERY = '(prefers-reduced-motion: reduce)';

const subscribe = (listener: () => void): (() => void) => {
  const query = window.matchMedia(QUERY);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
};

/** True when the reader's system asks for reduced motion. */
export const useStill = (): boolean =>
  useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches);
