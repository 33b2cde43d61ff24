import { type GuestName, type Hue, ownerHue } from '../kit/owners';
import type { Theme, ThemeColour } from '../theme/theme';
import type { Block } from './lanes';
import { pixelOf, type Range, type Track } from './scale';

const COLOURS: Readonly<Record<Hue, ThemeColour>> = {
  'guest-1': 'guest1',
  'guest-2': 'guest2',
  'guest-3': 'guest3',
  'guest-4': 'guest4',
  'guest-5': 'guest5',
  'guest-6': 'guest6',
  'guest-7': 'guest7',
  'guest-8': 'guest8',
  'guest-9': 'guest9',
  'guest-10': 'guest10',
  'guest-11': 'guest11',
  'guest-12': 'guest12',
  firmware: 'firmware',
  hypervisor: 'hypervisor',
  device: 'device',
  owner: 'owner',
  physical: 'physical',
  free: 'free',
  reserved: 'reserved',
};

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Height of a lane. */
  readonly row: number;
  readonly range: Range;
  readonly track: Track;
  readonly lanes: readonly string[];
  readonly blocks: readonly Block[];
  readonly guests: readonly GuestName[];
  readonly theme: Theme;
}

const NARROWEST = 2;
const GAP = 0.75;

/** A row a lane, a bar a call; a call inside another one lies on it and is stronger; a fault is a red mark on top. */
export function drawTimeline(context: CanvasRenderingContext2D, picture: Picture): void {
  const { width, height, row, lanes, blocks, range, track, theme } = picture;
  context.clearRect(0, 0, width, height);
  if (lanes.length === 0) return;
  const bar = Math.max(4, Math.min(14, row * 0.58));
  context.fillStyle = theme.line;
  for (let lane = 1; lane < lanes.length; lane++)
    context.fillRect(track.left, Math.round(lane * row), track.width, 1);

  context.save();
  context.beginPath();
  context.rect(track.left, 0, track.width, height);
  context.clip();
  const rows = new Map(lanes.map((lane, index) => [lane, index * row + (row - bar) / 2]));
  for (const block of blocks) {
    const top = rows.get(block.lane);
    if (top === undefined) continue;
    const left = pixelOf(range, track, block.start);
    const right = Math.max(left + NARROWEST, pixelOf(range, track, block.end) - GAP);
    context.globalAlpha = block.depth === 0 ? 0.55 : 0.9;
    context.fillStyle = theme[COLOURS[ownerHue(block.actor, picture.guests)]];
    context.beginPath();
    context.roundRect(left, top, right - left, bar, Math.min(4, (right - left) / 2));
    context.fill();
  }
  context.globalAlpha = 1;
  for (const { fault, lane, end } of blocks) {
    const top = rows.get(lane);
    if (!fault || top === undefined) continue;
    const edge = track.left + track.width - bar / 2;
    drawFault(context, theme, Math.min(edge, pixelOf(range, track, end) - GAP), top, bar);
  }
  context.restore();
}

function drawFault(
  context: CanvasRenderingContext2D,
  theme: Theme,
  x: number,
  top: number,
  bar: number,
): void {
  const reach = bar / 2 + 1.5;
  const y = top + bar / 2;
  context.beginPath();
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y);
  context.lineTo(x, y + reach);
  context.lineTo(x - reach, y);
  context.closePath();
  context.fillStyle = theme.fault;
  context.strokeStyle = theme.surface1;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}
