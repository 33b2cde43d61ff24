import { useStore } from 'zustand';
import { type EngineState, engineStore } from '../../store/engine';
import { type ViewState, viewStore } from '../../store/view';
import type { Status } from '../../worker/protocol';

export const useEngine = <T>(select: (state: EngineState) => T): T => useStore(engineStore, select);
export const useView = <T>(select: (state: ViewState) => T): T => useStore(viewStore, select);

/** A part of the machine's status; null until the first session stands. Select something small and stable. */
export const useStatus = <T>(select: (status: Status) => T): T | null =>
  useStore(engineStore, ({ status }) => (status ? select(status) : null));
