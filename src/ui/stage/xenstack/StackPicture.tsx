import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { LayerId } from '../../../engine/xen/path/layers';
import { move } from '../../../store/session';
import type { GuestSummary, StackCall, StackView } from '../../../worker/protocol';
import { cssVars } from '../../kit/cssVars';
import { useStatus } from '../../kit/stores';
import { hueStyle } from '../shared/OwnerName';
import { Connections } from './Connections';
import { lineage, moveTo, neighbour } from './calls';
import { type Measure, type PlacedCall, type PlacedLane, rowHeight, stackLayout } from './layout';
import { StatusMark, statusWord } from './StatusMark';

/** Lanes are low: their names are one line. */
const SHORT: Readonly<Partial<Record<LayerId, string>>> = {
  libxc: 'libxenctrl',
  hypercall: 'hypercall',
  xen: 'Xen',
  svm: 'SVM + SEV ops',
  mailbox: 'mailbox',
};

/** So much of the stage is the picture's, so that some of what is below it is in sight. */
const SHARE = 0.62;
const NO_GUESTS: readonly GuestSummary[] = [];
/** Narrower blocks show no mark, and still narrower ones no text. */
const ROOM_FOR_TEXT = 34;

interface Props {
  readonly view: StackView;
  readonly cursor: number;
  readonly lit: StackCall | null;
  readonly measure: Measure;
  readonly upstreamOnly: boolean;
}

/** Lanes from xl down to the processor, time from left to right: each call a block in its layer. */
export function StackPicture({ view, cursor, lit, measure, upstreamOnly }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [{ room, high, type }, setRoom] = useState({ room: 600, high: 400, type: 16 });
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measured = () => {
      const lanes = element.querySelector('.stack-lanes')?.clientWidth ?? 0;
      const stage = element.closest('.stage-view')?.clientHeight ?? 0;
      setRoom({
        room: Math.max(200, element.clientWidth - lanes - 8),
        high: stage * SHARE,
        type: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
      });
    };
    measured();
    const observer = new ResizeObserver(measured);
    observer.observe(element);
    const stage = element.closest('.stage-view');
    if (stage) observer.observe(stage);
    return () => observer.disconnect();
  }, []);
  const layout = useMemo(() => stackLayout(view, room, measure), [view, room, measure]);
  const height = rowHeight(layout.rows, high, type);
  const around = useMemo(() => lineage(view, lit), [view, lit]);
  const passed = useMemo(() => view.refusal.map(({ id }) => id), [view]);
  const current = lit ?? view.calls[0] ?? null;
  const litPlace = lit && layout.placed.find(({ call }) => call.id === lit.id);
  const x =
    litPlace && lit.start === cursor
      ? litPlace.x
      : !lit && cursor >= view.end
        ? layout.width
        : layout.xOf(cursor);

  // What is lit stays in sight.
  const litId = lit?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another measure it is elsewhere
  useLayoutEffect(() => {
    if (litId === undefined) return;
    box.current
      ?.querySelector(`[data-call="${litId}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [litId, measure]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = neighbour(view, lit, event.key);
    if (!next) return;
    event.preventDefault();
    void move(moveTo(view, next), 'replace');
    box.current?.querySelector<HTMLElement>(`[data-call="${next.id}"]`)?.focus({ preventScroll: true });
  };

  return (
    <div
      ref={box}
      className="stack-picture"
      style={cssVars({ '--rows': layout.rows, '--row': `${height}px` })}
      data-upstream-only={upstreamOnly || undefined}
    >
      <Lanes lanes={layout.lanes} height={height} />
      <div
        className="stack-calls"
        role="tree"
        aria-label={`Calls of ${view.title}`}
        data-keys=""
        style={{ width: layout.width }}
        onKeyDown={onKeyDown}
      >
        {layout.lanes.map(({ lane, row, rows }, index) => (
          <div
            key={lane.id}
            className="stack-stripe"
            data-odd={index % 2 === 1 || undefined}
            style={{ top: row * height, height: rows * height }}
          />
        ))}
        <Connections layout={layout} height={height} refusal={passed} />
        {layout.placed.map((place) => (
          <Block
            key={place.call.id}
            place={place}
            height={height}
            lit={place.call.id === lit?.id ? 'here' : around.has(place.call.id) ? 'around' : undefined}
            refused={
              place.call.id === passed[0] ? 'decided' : passed.includes(place.call.id) ? 'passed' : undefined
            }
            tabIndex={place.call.id === current?.id ? 0 : -1}
            onEnter={() => void move(moveTo(view, place.call))}
            hue={place.call.lane === 'cpu' ? hueStyle(place.call.actor, guests) : undefined}
          />
        ))}
        <div className="stack-cursor" style={{ left: x }} />
      </div>
    </div>
  );
}

function Lanes({ lanes, height }: { readonly lanes: readonly PlacedLane[]; readonly height: number }) {
  return (
    <ol className="stack-lanes" aria-label="Layers">
      {lanes.map(({ lane, rows }) => (
        <li
          key={lane.id}
          style={{ height: rows * height }}
          title={`${lane.name} (${lane.privilege}): ${lane.role}`}
        >
          <span className="stack-lane-name">{SHORT[lane.id] ?? lane.name}</span>
          <StatusMark status={lane.sevPart ?? lane.status} bare />
          <span className="visually-hidden">
            {lane.privilege}; {statusWord(lane.status)}
            {lane.sevPart && `, its part for SEV ${statusWord(lane.sevPart)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

interface BlockProps {
  readonly place: PlacedCall;
  readonly height: number;
  readonly lit: 'here' | 'around' | undefined;
  readonly refused: 'decided' | 'passed' | undefined;
  readonly tabIndex: 0 | -1;
  readonly onEnter: () => void;
  readonly hue: React.CSSProperties | undefined;
}

function Block({ place: { call, x, width, row }, height, lit, refused, tabIndex, onEnter, hue }: BlockProps) {
  const said = [
    call.name,
    statusWord(call.status),
    ...(call.proposed && call.status === 'upstream' ? ['only for what is proposed'] : []),
    ...(refused === 'decided' ? ['refuses here'] : refused === 'passed' ? ['passes the refusal on'] : []),
  ];
  return (
    <button
      type="button"
      role="treeitem"
      className="stack-call"
      aria-level={call.level}
      aria-selected={lit === 'here'}
      aria-label={said.join(', ')}
      title={said.join(' · ')}
      tabIndex={tabIndex}
      data-call={call.id}
      data-lane={call.lane}
      data-status={call.status}
      data-proposed={call.proposed || undefined}
      data-lit={lit}
      data-refused={refused}
      style={{ left: x, top: row * height, width, ...hue }}
      onClick={onEnter}
    >
      {width >= ROOM_FOR_TEXT && (
        <span className="stack-call-name">
          <StatusMark status={call.status} bare />
          {call.name}
        </span>
      )}
    </button>
  );
}
