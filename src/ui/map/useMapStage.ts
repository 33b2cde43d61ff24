import { type RefObject, useEffect, useState } from 'react';
import { firstPicture } from '../../store/firstPicture';
import type { MapSource } from '../../store/pageSource';
import type { BytesOf } from './pageBytes';
import type { Palette } from './palette';
import { MapStage } from './stage';
import type { MapArrow, MapNames, MapRegion } from './types';

interface Picture {
  readonly source: MapSource;
  readonly pageCount: number;
  readonly palette: Palette;
  readonly still: boolean;
  readonly names: MapNames;
  readonly selection: number | null;
  readonly regions: readonly MapRegion[];
  readonly arrows: readonly MapArrow[];
  readonly faults: readonly number[];
  readonly hot: ArrayLike<number> | undefined;
  readonly bytesOf: BytesOf | undefined;
  readonly revision: number;
}

const loadGestures = () => firstPicture.then(() => import('./gestures'));

/** Keeps a stage on the canvas, one for each machine, and carries what React knows over to it. */
export function useMapStage(
  panel: RefObject<HTMLElement | null>,
  canvas: RefObject<HTMLCanvasElement | null>,
  picture: Picture,
  cursor: number | null,
): MapStage | null {
  const {
    source,
    pageCount,
    palette,
    still,
    names,
    selection,
    regions,
    arrows,
    faults,
    hot,
    bytesOf,
    revision,
  } = picture;
  const [stage, setStage] = useState<MapStage | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another palette repaints the stage (below) instead of replacing it
  useEffect(() => {
    if (panel.current === null || canvas.current === null) return;
    const made = new MapStage(panel.current, canvas.current, source, pageCount, palette);
    setStage(made);
    let closed = false;
    void loadGestures().then((moving) => {
      if (!closed) made.zoom.move(moving);
    });
    return () => {
      closed = true;
      setStage(null);
      made.close();
    };
  }, [panel, canvas, source, pageCount]);

  useEffect(() => {
    if (stage !== null && stage.renderer.model.palette !== palette) stage.renderer.model.setPalette(palette);
  }, [stage, palette]);
  useEffect(() => {
    if (stage !== null) stage.zoom.still = still;
    stage?.renderer.show({ still });
  }, [stage, still]);
  useEffect(() => stage?.renderer.model.setFaults(faults), [stage, faults]);
  useEffect(() => {
    if (hot !== undefined) stage?.renderer.model.setHot(hot);
  }, [stage, hot]);
  useEffect(() => {
    stage?.renderer.bytes.configure(bytesOf, revision);
    stage?.renderer.invalidate();
  }, [stage, bytesOf, revision]);
  useEffect(
    () => stage?.renderer.show({ names, selection, regions, arrows, cursor }),
    [stage, names, selection, regions, arrows, cursor],
  );
  return stage;
}
