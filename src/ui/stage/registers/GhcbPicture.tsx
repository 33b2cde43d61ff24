import type { GhcbView } from '../../../worker/protocol';
import { ghcbWords, type WordTone } from './ghcbRows';

const COLUMNS = 64;
const CELL = 8;

const TONES: readonly WordTone[] = ['none', 'area', 'field', 'data', 'valid'];

interface Props {
  readonly view: GhcbView;
  /** Offset of the lit quadword. */
  readonly lit: number | null;
  readonly onLight: (offset: number | null) => void;
}

/** The page as 512 quadwords: where fields lie, which are marked valid, what else is not zero. A path a kind. */
export function GhcbPicture({ view, lit, onLight }: Props) {
  const words = ghcbWords(view);
  const place = (index: number): readonly [number, number] => [
    (index % COLUMNS) * CELL,
    Math.floor(index / COLUMNS) * CELL,
  ];
  const path = (tone: WordTone): string =>
    words
      .flatMap((own, index) => {
        const [x, y] = place(index);
        return own === tone ? [`M${x + 0.75} ${y + 0.75}h${CELL - 1.5}v${CELL - 1.5}h${1.5 - CELL}z`] : [];
      })
      .join('');
  const [x, y] = place(lit === null ? 0 : Math.floor(lit / 8));
  const valid = words.filter((tone) => tone === 'valid').length;
  return (
    <svg
      className="ghcb-picture"
      viewBox={`0 0 ${COLUMNS * CELL} ${(words.length / COLUMNS) * CELL}`}
      role="img"
      aria-label={`The page as 512 quadwords, ${valid} of them marked valid`}
      onPointerMove={(event) => {
        const { left, top, width } = event.currentTarget.getBoundingClientRect();
        const cell = width / COLUMNS;
        const column = Math.floor((event.clientX - left) / cell);
        onLight((Math.floor((event.clientY - top) / cell) * COLUMNS + column) * 8);
      }}
      onPointerLeave={() => onLight(null)}
    >
      {TONES.map((tone) => (
        <path key={tone} data-tone={tone} d={path(tone)} />
      ))}
      {lit !== null && <rect className="ghcb-lit" x={x} y={y} width={CELL} height={CELL} />}
    </svg>
  );
}
