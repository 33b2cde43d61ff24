import { useEffect, useState } from 'react';
import { useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { clampRange, type Range, reveal, usual } from './scale';
import { TimelineList } from './TimelineList';
import { Tracks } from './Tracks';
import { Transport } from './Transport';
import { useSize } from './useSize';
import './timeline.css';

/** Every call that has happened, by layer, and the place of the cursor among them. */
export default function Timeline() {
  const [listed, setListed] = useState(false);
  const [element, { width, height }] = useSize<HTMLDivElement>();
  const length = useStatus((status) => status.length) ?? 0;
  const cursor = useStatus((status) => status.cursor) ?? 0;
  const bootEnd = useStatus((status) => status.bootEnd) ?? 0;
  // Null: as usual, however long it grows.
  const [zoomed, setZoomed] = useState<Range | null>(null);
  const range = zoomed ? clampRange(zoomed, length) : usual(length, bootEnd, cursor);
  useEffect(
    () => setZoomed((now) => now && reveal(clampRange(now, length), cursor, length)),
    [cursor, length],
  );

  const from = Math.floor(range.from);
  const to = Math.ceil(range.to);
  const pixels = Math.round(width);
  const key = length > 0 && pixels > 0 ? `${from}-${to}-${pixels}` : null;
  const answer = useEngineQuery(
    key,
    (engine) => engine.timeline(from, to, pixels),
    ({ status }) => status?.actionsRevision ?? -1,
  );
  const show = (next: Range) => setZoomed(next.to - next.from >= length ? null : next);
  return (
    <div className="timeline">
      <Transport listed={listed} onList={() => setListed(!listed)} />
      <div className="timeline-body" ref={element}>
        {listed ? (
          <TimelineList blocks={answer.value?.blocks ?? []} cursor={cursor} />
        ) : (
          <Tracks
            width={width}
            height={height}
            timeline={answer.value}
            range={range}
            length={length}
            cursor={cursor}
            onRange={show}
          />
        )}
      </div>
    </div>
  );
}
