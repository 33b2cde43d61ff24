import { useEffect, useRef } from 'react';
import type { GuestName } from '../kit/owners';
import { useStatus } from '../kit/stores';
import { useTheme } from '../theme/useTheme';
import { drawTimeline, type Picture } from './draw';

const NOBODY: readonly GuestName[] = [];

/** The drawn part of the timeline: again whenever something in it changes, and not when only the cursor moves. */
export function TrackCanvas({
  width,
  height,
  row,
  range,
  track,
  lanes,
  blocks,
}: Omit<Picture, 'guests' | 'theme'>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const guests = useStatus((status) => status.guests) ?? NOBODY;
  const { from, to } = range;
  const { left, width: across } = track;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const density = devicePixelRatio;
    element.width = Math.round(width * density);
    element.height = Math.round(height * density);
    context.setTransform(density, 0, 0, density, 0, 0);
    const picture = { range: { from, to }, track: { left, width: across }, lanes, blocks, guests, theme };
    drawTimeline(context, { width, height, row, ...picture });
  }, [width, height, row, from, to, left, across, lanes, blocks, guests, theme]);
  return <canvas ref={canvas} className="tracks-canvas" />;
}
