import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

/** Nobody waits longer than this for a first picture that does not come, in milliseconds. */
const PATIENCE = 1200;

/** Resolves when the map has drawn for the first time. */
const firstPicture = new Promise<void>((resolve) => {
  const observer = new PerformanceObserver((entries) => {
    if (entries.getEntriesByName('sevscope:first-picture').length > 0) resolve();
  });
  observer.observe({ type: 'mark', buffered: true });
  setTimeout(resolve, PATIENCE);
});

/** A part of the frame that is fetched only when the first picture stands. */
export const later = <P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): LazyExoticComponent<ComponentType<P>> => lazy(() => firstPicture.then(load));
