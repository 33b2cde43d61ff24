import { Suspense } from 'react';
import { useStore } from 'zustand';
import { closeOverlay, type Overlay, overlayStore } from '../../store/overlay';
import { later } from '../kit/later';

/** Loaded ahead, the palette first: whoever calls it types at once, and must not lose the first letters. */
const PARTS = {
  palette: later(() => import('../palette/Palette')),
  shortcuts: later(() => import('../palette/Shortcuts')),
  menu: later(() => import('../palette/Menu')),
  scenarios: later(() => import('../header/ScenarioLibrary')),
  machine: later(() => import('../header/MachineDialog')),
  share: later(() => import('../share/ShareDialog')),
  notices: later(() => import('./NoticesDialog')),
  sources: later(() => import('../sources/SourcesDialog')),
} satisfies Record<Overlay, unknown>;

/** The dialog that lies over the screen, if any. */
export function Overlays() {
  const overlay = useStore(overlayStore, (state) => state.overlay);
  if (!overlay) return null;
  const Part = PARTS[overlay];
  return (
    // A boundary of its own for each, so that one that is still loading does not keep the one before, hidden.
    <Suspense key={overlay} fallback={null}>
      <Part onClose={closeOverlay} />
    </Suspense>
  );
}
