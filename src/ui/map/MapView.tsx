import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { MapSource } from '../../store/pageSource';
import { commandOf } from './keys';
import './map.css';
import type { BytesOf } from './pageBytes';
import { createPalette } from './palette';
import type { MapTheme } from './theme';
import type { MapArrow, MapMode, MapNames, MapRegion } from './types';
import { useMapStage } from './useMapStage';
import { useStill } from './useStill';

export interface MapViewProps {
  readonly pageCount: number;
  readonly source: MapSource;
  readonly mode: MapMode;
  readonly theme: MapTheme;
  /** Keep the identity of `names`, `regions`, `arrows`, `faults` and `hot` while they say the same. */
  readonly names: MapNames;
  readonly regions?: readonly MapRegion[];
  readonly arrows?: readonly MapArrow[];
  readonly faults?: readonly number[];
  /** Pages that deserve attention now; without it, those of the source's hot patches. */
  readonly hot?: ArrayLike<number>;
  readonly selection: number | null;
  readonly onSelect: (pfn: number) => void;
  readonly onHover?: (pfn: number | null) => void;
  /** A page in words, for the read-out: "Page 0x12000: Alice, ASID 1, private". */
  readonly describe: (pfn: number) => string;
  /** What DRAM holds in a page; asked for only when a page is looked at closely, once a `revision`. */
  readonly bytesOf?: BytesOf;
  readonly revision?: number;
  readonly label?: string;
}

const HELP =
  'Arrow keys move from page to page, with Shift by sixteen; Page Up and Page Down by a screenful; Home and End along the row, with Control through the map. Enter selects. Plus and minus zoom, zero shows the whole map.';

/** All pages of DRAM on one canvas, from a pixel a page down to the bytes. */
export function MapView(props: MapViewProps) {
  const { source, pageCount, mode, theme, names, selection, onSelect, onHover, describe: inWords } = props;
  const panel = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const help = useId();
  const still = useStill();
  const [cursor, setCursor] = useState(selection ?? 0);
  const [byKeyboard, setByKeyboard] = useState(false);
  const [spoken, setSpoken] = useState<number | null>(null);
  // Only the colours of keys and of ASIDs depend on names.
  const keyNames = mode === 'key' || mode === 'rmp-owner' ? names : undefined;
  const palette = useMemo(() => createPalette(mode, theme, keyNames), [mode, theme, keyNames]);
  const stage = useMapStage(
    panel,
    canvas,
    { source, pageCount, palette, still, ...pick(props) },
    byKeyboard ? cursor : null,
  );

  const [shownSelection, setShownSelection] = useState(selection);
  if (selection !== shownSelection) {
    setShownSelection(selection);
    if (selection !== null) setCursor(selection);
  }

  const hovered = useRef<number | null>(null);
  const hover = (pfn: number | null): void => {
    if (pfn === hovered.current) return;
    hovered.current = pfn;
    stage?.renderer.show({ hovered: pfn });
    onHover?.(pfn);
  };

  const choose = (pfn: number): void => {
    setCursor(pfn);
    setSpoken(pfn);
    onSelect(pfn);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (stage === null) return;
    const command = commandOf(event, cursor, stage.renderer.model.layout, stage.screenful);
    if (command === null) return;
    event.preventDefault();
    setByKeyboard(true);
    if (command.kind === 'move') {
      setCursor(command.to);
      setSpoken(command.to);
      stage.reveal(command.to);
    } else if (command.kind === 'select') choose(cursor);
    else if (command.kind === 'zoom') stage.zoomAround(cursor, command.factor);
    else stage.zoom.fit();
  };

  const onClick = (event: MouseEvent): void => {
    const pfn = stage?.pageUnder(event) ?? null;
    setByKeyboard(false);
    if (pfn !== null) choose(pfn);
  };

  const onDoubleClick = (event: MouseEvent): void => {
    const pfn = stage?.pageUnder(event) ?? null;
    if (pfn !== null) stage?.open(pfn);
  };

  useEffect(() => {
    if (selection !== null) stage?.reveal(selection);
  }, [stage, selection]);

  return (
    <div
      ref={panel}
      className="map"
      role="application"
      aria-roledescription="memory map"
      aria-label={props.label ?? 'Map of all pages of memory'}
      aria-describedby={help}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is operated by the keyboard
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={(event) => setByKeyboard(event.currentTarget.matches(':focus-visible'))}
      onBlur={() => setByKeyboard(false)}
    >
      <canvas
        ref={canvas}
        className="map-canvas"
        onClick={onClick}
        onDoubleClick={onDoubleClick}
        onPointerMove={(event: PointerEvent) => hover(stage?.pageUnder(event) ?? null)}
        onPointerLeave={() => hover(null)}
      />
      <p id={help} className="map-unseen">
        {HELP}
      </p>
      <p className="map-unseen" aria-live="polite">
        {spoken === null ? '' : inWords(spoken)}
      </p>
    </div>
  );
}

const NONE: readonly never[] = [];

/** The props that the picture depends on, without holes. */
const pick = (props: MapViewProps) => ({
  names: props.names,
  selection: props.selection,
  regions: props.regions ?? NONE,
  arrows: props.arrows ?? NONE,
  faults: props.faults ?? NONE,
  hot: props.hot,
  bytesOf: props.bytesOf,
  revision: props.revision ?? 0,
});
