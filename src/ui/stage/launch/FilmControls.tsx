import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { useEffect, useState } from 'react';
import { launchStore, showFrame } from '../../../store/launch';
import type { FilmRun, FilmView, FlipView } from '../../../worker/protocol';

/** How long the whole film takes, and how long a frame stands at least and at most, in milliseconds. */
const SHOWING = { film: 12_000, least: 60, most: 400 };
/** With little motion the film goes from run to run. */
const STILL = 1200;

interface Props {
  readonly film: FilmView;
  readonly frame: number;
  readonly flip: FlipView | null;
  /** The run of the frame in front. */
  readonly run: FilmRun | null;
  readonly open: ReadonlySet<number>;
  readonly onSpread: (from: number) => void;
}

/** Goes on by itself until the end. */
function usePlaying(film: FilmView): readonly [boolean, (playing: boolean) => void] {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const share = SHOWING.film / film.frames;
    const delay = still ? STILL : Math.max(SHOWING.least, Math.min(SHOWING.most, share));
    const step = Math.max(1, Math.round(delay / share));
    const timer = setInterval(() => {
      const { frame } = launchStore.getState();
      const nextRun = film.runs.find(({ from }) => from > frame)?.from ?? film.frames - 1;
      if (frame >= film.frames - 1) setPlaying(false);
      else showFrame(still ? nextRun : frame + step);
    }, delay);
    return () => clearInterval(timer);
  }, [playing, film]);
  return [playing, setPlaying];
}

/** Scrub, play, go from run to run, spread a stack out. */
export function FilmControls({ film, frame, flip, run, open, onSpread }: Props) {
  const [playing, setPlaying] = usePlaying(film);
  const last = film.frames - 1;
  const play = (): void => {
    if (!playing && frame >= last) showFrame(0);
    setPlaying(!playing);
  };
  const previous = film.runs.findLast(({ from }) => from < frame)?.from ?? 0;
  const next = film.runs.find(({ from }) => from > frame)?.from ?? last;
  return (
    <div className="film-controls">
      <button type="button" className="button button-small" onClick={play}>
        {playing ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
        {playing ? 'Pause the film' : 'Play the film'}
      </button>
      <button
        type="button"
        className="button button-small button-icon"
        aria-label="To the run before"
        onClick={() => showFrame(previous)}
      >
        <SkipBack aria-hidden="true" />
      </button>
      <input
        type="range"
        className="film-slider"
        aria-label="Frame"
        aria-valuetext={`Frame ${frame + 1} of ${film.frames}${run ? `, ${run.what}, ${run.type}` : ''}`}
        min={0}
        max={Math.max(0, last)}
        value={frame}
        onChange={(event) => showFrame(Number(event.target.value))}
      />
      <button
        type="button"
        className="button button-small button-icon"
        aria-label="To the next run"
        onClick={() => showFrame(next)}
      >
        <SkipForward aria-hidden="true" />
      </button>
      <output className="film-place mono">
        {frame + 1} / {film.frames}
      </output>
      {run && run.pages > 1 && (
        <button
          type="button"
          className="button button-small"
          aria-pressed={open.has(run.from)}
          onClick={() => onSpread(run.from)}
        >
          Spread out {run.what}
        </button>
      )}
      {flip && flip.first !== null && (
        <button
          type="button"
          className="button button-small"
          onClick={() => flip.first !== null && showFrame(flip.first)}
        >
          ≠ To the first frame that differs
        </button>
      )}
    </div>
  );
}
