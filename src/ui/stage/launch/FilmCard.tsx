import { showFrame } from '../../../store/launch';
import type { FilmFrame } from '../../../worker/protocol';
import { cssVars } from '../../kit/cssVars';
import { type FilmItem, hexOf, shortDigest } from './film';

const PAGE = 4096;

interface Props {
  readonly id: string;
  readonly item: FilmItem;
  /** The frame that it shows: of a stack the one in front, or its first. */
  readonly face: number;
  /** What is known of that frame, once it has come. */
  readonly frame: FilmFrame | null;
  readonly selected: boolean;
  readonly place: number;
  readonly of: number;
  /** Pixels from the beginning of the strip. */
  readonly start: number;
  /** With a byte inverted the digest after it is another. */
  readonly differs: boolean;
}

/** A frame of the strip, or a stack of them. */
export function FilmCard({ id, item, face, frame, selected, place, of, start, differs }: Props) {
  const { run, from, frames } = item;
  const stack = frames > 1;
  const gpa = run.gpa + (face - run.from) * PAGE;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the strip itself is moved over by keyboard
    <div
      id={id}
      className="film-card"
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      aria-setsize={of}
      aria-posinset={place}
      data-type={run.type}
      data-stack={stack}
      style={cssVars({ '--start': `${start}px` })}
      onClick={() => showFrame(face)}
    >
      <p className="film-card-head">
        <i className="launch-swatch" data-type={run.type} aria-hidden="true" />
        <strong>{run.type}</strong>
        {differs && (
          <span className="film-differs">
            <span aria-hidden="true">≠</span> differs
          </span>
        )}
      </p>
      <p className="film-card-what">{run.what}</p>
      <p className="film-card-count faint">
        {stack
          ? `${(face - from + 1).toLocaleString('en')} of ${frames.toLocaleString('en')} pages`
          : `frame ${face + 1}`}
      </p>
      <dl>
        <div>
          <dt>GPA</dt>
          <dd className="mono">{hexOf(gpa)}</dd>
        </div>
        <div>
          <dt>contents</dt>
          <dd className="mono">{frame ? shortDigest(frame.contents) : '…'}</dd>
        </div>
        <div>
          <dt>before</dt>
          <dd className="mono">{frame ? shortDigest(frame.before) : '…'}</dd>
        </div>
        <div>
          <dt>after</dt>
          <dd className="mono film-after">{frame ? shortDigest(frame.after) : '…'}</dd>
        </div>
      </dl>
    </div>
  );
}
