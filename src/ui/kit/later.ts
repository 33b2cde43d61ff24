import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { firstPicture } from '../../store/firstPicture';

type Load<P> = () => Promise<{ readonly default: ComponentType<P> }>;

/** Longest wait for an idle moment, in milliseconds. */
const LEISURE = 2000;

const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: LEISURE });
    else setTimeout(resolve, 200);
  });

let queue: Promise<unknown> = firstPicture;

/** Does something in an idle moment after the first picture, one such thing at a time. */
export function atLeisure(work: () => unknown): void {
  // Without a network this fails, and whoever needs the part then asks again and is told.
  queue = queue
    .then(idle)
    .then(work)
    .catch(() => {});
}

/** A part that is fetched when it is shown and the first picture stands, or before that in an idle moment. */
export function later<P extends object>(load: Load<P>): LazyExoticComponent<ComponentType<P>> {
  atLeisure(load);
  return lazy(() => firstPicture.then(load));
}
