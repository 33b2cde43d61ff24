import { createStore } from 'zustand/vanilla';

/** What lies over the screen; one at a time. */
export type Overlay = 'palette' | 'scenarios' | 'machine' | 'share' | 'shortcuts' | 'notices' | 'menu';

export interface OverlayState {
  readonly overlay: Overlay | null;
}

export const overlayStore = createStore<OverlayState>(() => ({ overlay: null }));

export const openOverlay = (overlay: Overlay): void => overlayStore.setState({ overlay });
export const closeOverlay = (): void => overlayStore.setState({ overlay: null });
