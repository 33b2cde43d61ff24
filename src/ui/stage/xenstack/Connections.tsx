import type { PlacedCall, StackLayout } from './layout';

const INSET = 3;

/** From each caller down to what it calls; and a refusal's way up, from the call that decided to the outermost. */
export function Connections({
  layout,
  height,
  refusal,
}: {
  readonly layout: StackLayout;
  /** Of a row. */
  readonly height: number;
  readonly refusal: readonly number[];
}) {
  const middle = ({ row }: PlacedCall): number => (row + 0.5) * height;
  const byId = new Map(layout.placed.map((place) => [place.call.id, place]));
  const calls = layout.placed.flatMap((place) => {
    const caller = place.call.parent === null ? undefined : byId.get(place.call.parent);
    if (!caller || Math.abs(caller.row - place.row) < 2) return [];
    return [`M${place.x + 1} ${middle(caller)}V${middle(place)}`];
  });
  const way = refusal.flatMap((id) => byId.get(id) ?? []);
  const points = way.map((place) => [place.x + place.width - INSET, middle(place)] as const);
  const path = points.map(([x, y], i) => (i === 0 ? `M${x} ${y}` : `V${y}H${x}`)).join('');
  const [x, y] = points.at(-1) ?? [0, 0];
  return (
    <svg
      className="stack-lines"
      width={Math.ceil(layout.width)}
      height={layout.rows * height}
      aria-hidden="true"
      focusable="false"
    >
      <path className="stack-line" d={calls.join('')} />
      {points.length > 1 && (
        <g className="stack-refusal">
          <path d={path} />
          <path className="stack-refusal-tip" d={`M${x - 4} ${y + 6}L${x} ${y - 1}L${x + 4} ${y + 6}z`} />
        </g>
      )}
    </svg>
  );
}
