import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef } from 'react';
import { showFrame } from '../../../store/launch';
import type { FilmFrame } from '../../../worker/protocol';
import { cssVars } from '../../kit/cssVars';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { useTheme } from '../../theme/useTheme';
import { FilmCard } from './FilmCard';
import { type FilmItem, itemOf } from './film';

/** Width of a card with its gap, in rem. */
const CARD = 12.5;

interface Props {
  readonly items: readonly FilmItem[];
  readonly frame: number;
  readonly frames: number;
  readonly filmKey: string;
  /** The first frame that differs with a byte inverted. */
  readonly first: number | null;
}

/** The frames that cards in sight show, by number. */
function useFrames(filmKey: string, indices: readonly number[]): ReadonlyMap<number, FilmFrame> {
  const { value, key } = useEngineQuery(
    `launch frames ${filmKey}: ${indices.join(' ')}`,
    (api) => api.launchFrames(indices),
    () => 0,
  );
  const known = key?.startsWith(`launch frames ${filmKey}:`) ? (value ?? []) : [];
  return new Map(known.map((each) => [each.index, each]));
}

/** Cards side by side; only those in sight exist. One cursor moves over the frames by keyboard. */
export function FilmStrip({ items, frame, frames, filmKey, first }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useTheme();
  const size = CARD * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtual = useVirtualizer({
    count: items.length,
    horizontal: true,
    getScrollElement: () => box.current,
    estimateSize: () => size,
    overscan: 2,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was measured holds for one width only
  useEffect(() => virtual.measure(), [virtual, size]);
  const at = itemOf(items, frame);
  useEffect(() => virtual.scrollToIndex(at), [virtual, at]);
  const inSight = virtual.getVirtualItems();
  const faceOf = ({ from, frames: count }: FilmItem): number =>
    frame >= from && frame < from + count ? frame : from;
  const shown = inSight.flatMap(({ index }) => {
    const item = items[index];
    return item ? [faceOf(item)] : [];
  });
  const known = useFrames(filmKey, shown);

  const onKeyDown = (event: KeyboardEvent): void => {
    const before = items[at - 1]?.from ?? 0;
    const after = items[at + 1]?.from ?? frames - 1;
    const to = {
      ArrowLeft: frame - 1,
      ArrowRight: frame + 1,
      PageUp: before,
      PageDown: after,
      Home: 0,
      End: frames - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    showFrame(to);
  };

  const chosen = inSight.some(({ index }) => index === at);
  return (
    <div
      ref={box}
      className="film-strip scrolls"
      role="listbox"
      aria-label="Film strip"
      aria-orientation="horizontal"
      tabIndex={0}
      aria-activedescendant={chosen ? `${id}-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div
        className="film-reel"
        role="presentation"
        style={cssVars({ '--reel': `${virtual.getTotalSize()}px` })}
      >
        {inSight.map(({ index, start }) => {
          const item = items[index];
          if (!item) return null;
          const face = faceOf(item);
          return (
            <FilmCard
              key={item.from}
              id={`${id}-${index}`}
              item={item}
              face={face}
              frame={known.get(face) ?? null}
              selected={index === at}
              place={index + 1}
              of={items.length}
              start={start}
              differs={first !== null && item.from + item.frames > first}
            />
          );
        })}
      </div>
    </div>
  );
}
