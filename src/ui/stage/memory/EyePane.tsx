import { type ReactNode, useRef } from 'react';
import type { LensMode } from '../../../store/view';
import { FaultCard } from '../../kit/FaultCard';
import { HexBytes } from '../../kit/HexBytes';
import { useHexLayout } from '../../kit/hexLayout';
import type { ScrollSync } from '../../kit/scrollSync';
import { Empty } from '../../kit/Waiting';
import type { PaneState } from './eyes';
import { PixelCanvas } from './PixelCanvas';
import { GREY_WIDTH, greyPixels } from './pixels';
import { WordList } from './WordList';

interface Props {
  /** Whose eye, in words: `What Alice sees`. */
  readonly label: string;
  readonly title: ReactNode;
  /** Beside the title: the key. */
  readonly aside: ReactNode;
  /** Below the title: where this eye looks. */
  readonly place: ReactNode;
  readonly hue: React.CSSProperties | undefined;
  readonly state: PaneState;
  readonly format: LensMode;
  readonly base: number;
  /** Position of the C-bit when the page is a table. */
  readonly cBit: number | null;
  readonly cursor: number | null;
  readonly onCursor: (offset: number | null) => void;
  readonly sync: ScrollSync;
}

/** One eye's view of the selected page: its bytes in the chosen form, or the fault that it would get instead. */
export function EyePane(props: Props) {
  const { title, aside, place, hue, state } = props;
  return (
    <section className="eye" style={hue} data-state={state.kind} aria-label={props.label}>
      <header>
        <h3>{title}</h3>
        <div className="eye-aside">{aside}</div>
      </header>
      <div className="eye-place">{place}</div>
      <EyeBody {...props} />
    </section>
  );
}

function EyeBody({ label, state, format, base, cBit, cursor, onCursor, sync }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const layout = useHexLayout(box);
  const body = () => {
    if (state.kind === 'fault') return <FaultCard fault={state.fault} />;
    if (state.kind === 'none') {
      return (
        <Empty title={state.title}>
          <p>{state.why}</p>
        </Empty>
      );
    }
    const { bytes, changed } = state;
    if (format === 'structure')
      return (
        <WordList
          key={base}
          label={label}
          bytes={bytes}
          cBit={cBit}
          tight={layout.columns === 8}
          sync={sync}
        />
      );
    if (format === 'picture') {
      return (
        <PixelCanvas
          pixels={greyPixels(bytes)}
          width={GREY_WIDTH}
          height={bytes.length / GREY_WIDTH}
          label={`${label}, one grey pixel a byte`}
        />
      );
    }
    return <HexBytes {...{ label, bytes, base, layout, format, changed, cursor, onCursor, sync }} />;
  };
  return (
    <div
      ref={box}
      className="eye-body mono"
      data-scrolls={state.kind === 'fault'}
      tabIndex={state.kind === 'fault' ? 0 : undefined}
    >
      {body()}
    </div>
  );
}
