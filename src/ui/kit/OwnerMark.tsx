import type { GuestName, Shape } from './owners';
import { hueVar, ownerHue, ownerShape } from './owners';

const PATHS: Readonly<Record<Shape, string>> = {
  square: 'M1.5 1.5h9v9h-9z',
  circle: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1z',
  diamond: 'M6 .5 11.5 6 6 11.5.5 6z',
  triangle: 'M6 1 11.5 11H.5z',
  hexagon: 'M3.2 1h5.6L11.6 6 8.8 11H3.2L.4 6z',
  bar: 'M3 .5h6v11H3z',
  slab: 'M1 3h10v6H1z',
  plug: 'M.5 1h11L6 11z',
  house: 'M6 .5 11.5 6H10v5.5H2V6H.5z',
  cross: 'M2.4.6 6 4.2 9.6.6l1.8 1.8L7.8 6l3.6 3.6-1.8 1.8L6 7.8l-3.6 3.6L.6 9.6 4.2 6 .6 2.4z',
  ring: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zm0 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
};

interface Props {
  /** Owner number of a page word, or a name such as `alice` or `xen`. */
  readonly owner: number | string;
  readonly guests?: readonly GuestName[];
  readonly label?: string;
}

/** The hue and the shape of an owner. Say the name beside it, or give a label. */
export function OwnerMark({ owner, guests, label }: Props) {
  const fill = hueVar(ownerHue(owner, guests));
  return (
    <svg
      className="owner-mark"
      viewBox="0 0 12 12"
      style={{ color: fill }}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={PATHS[ownerShape(owner, guests)]} fillRule="evenodd" />
    </svg>
  );
}
