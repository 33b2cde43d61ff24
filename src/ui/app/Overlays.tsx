import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import { closeOverlay, type Overlay, overlayStore } from '../../store/overlay';

const PARTS = {
  palette: lazy(() => import('../palette/Palette')),
  shortcuts: lazy(() => import('../palette/Shortcuts')),
  menu: lazy(() => import('../palette/Menu')),
  scenarios: lazy(() => import('../header/ScenarioLibrary')),
  machine: lazy(() => import('../header/MachineDialog')),
  share: lazy(() => import('../share/ShareDialog')),
  notices: lazy(() => import('./NoticesDialog')),
} satisfies Record<Overlay, unknown>;

/** The dialog that lies over the screen, if any; loaded when first opened. */
export function Overlays() {
  const overlay = useStore(overlayStore, (state) => state.overlay);
  if (!overlay) return null;
  const Part = PARTS[overlay];
  return (
    <Suspense fallback={null}>
      <Part onClose={closeOverlay} />
    </Suspense>
  );
}
