import { cssVars } from '../../kit/cssVars';
import { OwnerMark } from '../../kit/OwnerMark';
import { type GuestName, type Hue, hueVar, ownerHue } from '../../kit/owners';
import { written } from './names';
import './shared.css';

interface Props {
  readonly name: string;
  readonly guests: readonly GuestName[];
  /** What to write instead of the name. */
  readonly children?: React.ReactNode;
}

/** The hue of nobody's pages is too faint to write with. */
const inkOf = (hue: Hue): string =>
  hue === 'free' || hue === 'reserved' ? 'var(--text-muted)' : hueVar(hue, 'ink');

/** Somebody by name, in their hue and with their shape. */
export function OwnerName({ name, guests, children }: Props) {
  return (
    <span className="owner-name" style={{ color: inkOf(ownerHue(name, guests)) }}>
      <OwnerMark owner={name} guests={guests} /> {children ?? written(name)}
    </span>
  );
}

/** The three parts of an owner's hue as custom properties, for a box that is somebody's; null is nobody's. */
export function hueStyle(
  owner: string | null,
  guests: readonly GuestName[],
): React.CSSProperties | undefined {
  if (owner === null) return undefined;
  const hue = ownerHue(owner, guests);
  return cssVars({
    '--hue': hueVar(hue),
    '--hue-ink': hueVar(hue, 'ink'),
    '--hue-soft': hueVar(hue, 'soft'),
  });
}
