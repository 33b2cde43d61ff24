import { createStore } from 'zustand/vanilla';
import type { Rule } from '../engine/core/fault';

/** What lies over the screen; one at a time. */
export type Overlay =
  | 'palette'
  | 'scenarios'
  | 'machine'
  | 'share'
  | 'shortcuts'
  | 'notices'
  | 'sources'
  | 'menu';

export interface OverlayState {
  readonly overlay: Overlay | null;
  /** The rule that the sources were opened for. */
  readonly rule: Rule | null;
}

export const overlayStore = createStore<OverlayState>(() => ({ overlay: null, rule: null }));

export const openOverlay = (overlay: Overlay): void => overlayStore.setState({ overlay, rule: null });
/** The page of sources, at a rule. */
export const openSources = (rule: Rule): void => overlayStore.setState({ overlay: 'sources', rule });
export const closeOverlay = (): void => overlayStore.setState({ overlay: null });
