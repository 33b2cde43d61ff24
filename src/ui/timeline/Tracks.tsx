import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { scrubTo } from '../../store/session';
import { pause } from '../../store/transport';
import type { Timeline } from '../../worker/protocol';
import { type Block, blockAt } from './lanes';
import { changeAt, pan, pixelOf, type Range, zoomAt } from './scale';
import { TrackCanvas } from './TrackCanvas';
import { useMoment } from './useMoment';

const EDGE = 12;
const TALLEST_ROW = 26;
const NO_LANES: readonly string[] = [];
const NO_BLOCKS: readonly Block[] = [];

interface Props {
  readonly width: number;
  readonly height: number;
  readonly timeline: Timeline | null;
  readonly range: Range;
  readonly length: number;
  readonly cursor: number;
  readonly onRange: (range: Range) => void;
}

/** The picture of the timeline: drag to scrub, wheel to zoom; with the keyboard it is a slider. */
export function Tracks({ width, height, timeline, range, length, cursor, onRange }: Props) {
  const slider = useRef<HTMLDivElement>(null);
  const moment = useMoment();
  const [pointed, setPointed] = useState<{ block: Block; x: number } | null>(null);
  const labels = width < 600 ? 0 : 116;
  const track = { left: labels + EDGE, width: Math.max(1, width - labels - 2 * EDGE) };
  const lanes = timeline?.lanes ?? NO_LANES;
  const blocks = timeline?.blocks ?? NO_BLOCKS;
  const row = lanes.length > 0 ? Math.min(TALLEST_ROW, height / lanes.length) : 0;

  // React listens to wheel passively; zooming must keep the page from moving.
  const zoom = useRef<(event: WheelEvent) => void>(() => {});
  zoom.current = (event) => {
    event.preventDefault();
    const box = slider.current?.getBoundingClientRect();
    if (!box) return;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
      onRange(pan(range, (sideways / track.width) * (range.to - range.from), length));
    } else {
      onRange(
        zoomAt(range, changeAt(range, track, event.clientX - box.left), Math.exp(event.deltaY / 400), length),
      );
    }
  };
  useEffect(() => {
    const element = slider.current;
    const onWheel = (event: WheelEvent) => zoom.current(event);
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  const changeUnder = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(length, changeAt(range, track, event.clientX - box.left)));
  };
  const scrub = (event: PointerEvent) => void scrubTo(changeUnder(event));
  const point = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const lane = lanes[Math.floor((event.clientY - box.top) / row)];
    const slack = ((range.to - range.from) / track.width) * 3;
    const block = lane ? blockAt(blocks, lane, changeUnder(event), slack) : null;
    setPointed(block && { block, x: event.clientX - box.left });
  };

  return (
    <div
      ref={slider}
      className="tracks"
      role="slider"
      tabIndex={0}
      aria-label="Position in time"
      aria-valuemin={0}
      aria-valuemax={length}
      aria-valuenow={cursor}
      aria-valuetext={moment}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pause();
        scrub(event);
      }}
      onPointerMove={(event) =>
        event.currentTarget.hasPointerCapture(event.pointerId) ? scrub(event) : point(event)
      }
      onPointerLeave={() => setPointed(null)}
      onKeyDown={(event) => {
        const to = keyTarget(event, cursor, length);
        if (to === null) return;
        event.preventDefault();
        pause();
        void scrubTo(Math.max(0, Math.min(length, to)));
      }}
    >
      <TrackCanvas
        width={width}
        height={height}
        row={row}
        range={range}
        track={track}
        lanes={lanes}
        blocks={blocks}
      />
      {labels > 0 && (
        <div className="tracks-lanes" style={{ gridAutoRows: row }} aria-hidden>
          {lanes.map((lane) => (
            <span key={lane}>{lane}</span>
          ))}
        </div>
      )}
      {length > 0 && cursor >= range.from && cursor <= range.to && (
        <div
          className="tracks-cursor"
          style={{ transform: `translateX(${pixelOf(range, track, cursor)}px)` }}
        />
      )}
      {pointed && (
        <div className="tracks-hint" style={{ left: Math.min(pointed.x, Math.max(0, width - 280)) }}>
          {pointed.block.name}
          <span>
            {' '}
            · changes {pointed.block.start}–{pointed.block.end}
          </span>
        </div>
      )}
    </div>
  );
}

function keyTarget({ key }: KeyboardEvent, cursor: number, length: number): number | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return cursor - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return cursor + 1;
    case 'PageDown':
      return cursor - Math.ceil(length / 20);
    case 'PageUp':
      return cursor + Math.ceil(length / 20);
    case 'Home':
      return 0;
    case 'End':
      return length;
    default:
      return null;
  }
}
