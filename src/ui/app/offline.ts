import { atLeisure } from '../kit/later';

/** Keeps the app for use without a network. Last of all: fetching every file again would delay what is on the screen. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  atLeisure(() =>
    navigator.serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`, { scope: import.meta.env.BASE_URL }),
  );
}
