import { lazy, Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import { closeOverlay, type Overlay, overlayStore } from '../../store/overlay';

const loadPalette = () => import('../palette/Palette');
/** When the first picture has long been drawn. */
const LEISURE = 3000;

const PARTS = {
  palette: lazy(loadPalette),
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
  // Whoever calls the palette types at once: it must not lose the first letters while it loads.
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette(), LEISURE);
    return () => clearTimeout(timer);
  }, []);
  if (!overlay) return null;
  const Part = PARTS[overlay];
  return (
    // A boundary of its own for each, so that one that is still loading does not keep the one before, hidden.
    <Suspense key={overlay} fallback={null}>
      <Part onClose={closeOverlay} />
    </Suspense>
  );
}
