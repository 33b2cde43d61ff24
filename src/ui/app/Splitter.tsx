import { useRef } from 'react';
import { resize, SIZES, type SizeName, viewStore } from '../../store/view';
import { useView } from '../kit/stores';

interface Props {
  readonly size: SizeName;
  readonly label: string;
  /** On which edge of its panel it lies. */
  readonly edge: 'left' | 'right' | 'top';
}

const STEP = 16;

/** The border between two panels: dragged, or moved with the arrow keys; a double click restores the usual size. */
export default function Splitter({ size, label, edge }: Props) {
  const pixels = useView((view) => view[size]);
  const grabbed = useRef({ at: 0, size: 0 });
  const vertical = edge !== 'top';
  const grows = edge === 'right' ? 1 : -1;
  const at = (event: React.PointerEvent): number => (vertical ? event.clientX : event.clientY);
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be moved
    <div
      className={`splitter splitter-${edge}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={vertical ? 'vertical' : 'horizontal'}
      aria-valuenow={pixels}
      aria-valuemin={SIZES[size].least}
      aria-valuemax={SIZES[size].most}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbed.current = { at: at(event), size: viewStore.getState()[size] };
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          resize(size, grabbed.current.size + grows * (at(event) - grabbed.current.at));
      }}
      onDoubleClick={() => resize(size, SIZES[size].usual)}
      onKeyDown={(event) => {
        const forward = vertical ? 'ArrowRight' : 'ArrowDown';
        const back = vertical ? 'ArrowLeft' : 'ArrowUp';
        if (event.key !== forward && event.key !== back) return;
        event.preventDefault();
        resize(size, pixels + grows * (event.key === forward ? STEP : -STEP));
      }}
    />
  );
}
