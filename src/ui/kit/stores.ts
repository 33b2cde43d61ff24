import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { type EngineState, engineStore } from '../../store/engine';
import { gathering } from '../../store/gathering';
import { type ViewState, viewStore } from '../../store/view';
import type { Status } from '../../worker/protocol';

const subscribe = gathering.of(engineStore.subscribe);

/** A part of what is known of the machine. Select something small and stable. */
export const useEngine = <T>(select: (state: EngineState) => T): T =>
  useSyncExternalStore(subscribe, () => select(engineStore.getState()));
export const useView = <T>(select: (state: ViewState) => T): T => useStore(viewStore, select);

/** A part of the machine's status; null until the first session stands. Select something small and stable. */
export const useStatus = <T>(select: (status: Status) => T): T | null =>
  useEngine(({ status }) => (status ? select(status) : null));
