import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { launchStore } from '../../../store/launch';
import type { FilmView, FlipView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { FilmControls } from './FilmControls';
import { FilmStrip } from './FilmStrip';
import { FrameDetail } from './FrameDetail';
import { filmItems, itemOf } from './film';

interface Props {
  readonly film: FilmView;
  readonly flip: FlipView | null;
}

const NONE: ReadonlySet<number> = new Set();

/** The film: one frame a page, and the frame in front with its PAGE_INFO and its bytes. */
export function FilmPanel({ film, flip }: Props) {
  const frame = useStore(launchStore, (state) => state.frame);
  const [spread, setSpread] = useState<{ readonly film: number; readonly open: ReadonlySet<number> }>({
    film: film.id,
    open: NONE,
  });
  const open = spread.film === film.id ? spread.open : NONE;
  const items = useMemo(() => filmItems(film.runs, open), [film, open]);
  const current = items[itemOf(items, frame)];
  const toggle = (from: number): void => {
    const next = new Set(open);
    if (!next.delete(from)) next.add(from);
    setSpread({ film: film.id, open: next });
  };
  /** Another film or another inverted byte gives other frames. */
  const key = `${film.id} ${flip ? flip.offset : '-'}`;
  return (
    <Panel
      title="The film"
      aside={
        <span className="faint">
          {film.frames.toLocaleString('en')} {film.frames === 1 ? 'frame' : 'frames'}, one a page
        </span>
      }
    >
      <FilmControls
        film={film}
        frame={frame}
        flip={flip}
        run={current?.run ?? null}
        open={open}
        onSpread={toggle}
      />
      <FilmStrip items={items} frame={frame} frames={film.frames} filmKey={key} first={flip?.first ?? null} />
      <FrameDetail index={frame} filmKey={key} flip={flip} />
    </Panel>
  );
}
