import { BLOCK_SIZE } from '../../engine/core/address';
import { mix, packColour, parseColour, type Rgb, unpackColour } from './colour';
import { inkOn } from './ink';
import { type Box, DETAIL, type Scene } from './scene';
import { makeCanvas } from './surfaces';

const ACROSS = 16;
const BLOCKS = 256;
const BYTES_A_LINE = 4;
const LINES = BLOCK_SIZE / BYTES_A_LINE;

interface Picture {
  readonly canvas: OffscreenCanvas;
  readonly shades: Uint32Array;
  readonly fill: string;
}

const pictures = new WeakMap<Uint8Array, Picture>();

/** The 256 blocks of a page, shaded by how many different bytes each has; from closer, the bytes themselves. */
export function drawBlocks(scene: Scene, pfn: number, box: Box): void {
  const { context, theme } = scene;
  const bytes = scene.bytes.get(pfn);
  if (bytes === null) {
    context.fillStyle = theme.background;
    context.globalAlpha = 0.25;
    context.fillRect(box.x, box.y, box.width, box.height);
    context.globalAlpha = 1;
    return;
  }
  const picture = pictureOf(scene, pfn, bytes);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture.canvas, box.x, box.y, box.width, box.height);
  drawLines(scene, box);
  if (scene.view.scale / scene.ratio >= DETAIL.hex) drawHex(scene, bytes, picture, box);
}

function pictureOf(scene: Scene, pfn: number, bytes: Uint8Array): Picture {
  const { theme, model } = scene;
  const colour = model.colour(pfn);
  const fill = `${theme.name} ${colour}`;
  const known = pictures.get(bytes);
  if (known?.fill === fill) return known;
  const hue: Rgb = colour === 0 ? parseColour(theme.mutedInk) : unpackColour(colour);
  const empty = mix(parseColour(theme.background), hue, 0.14);
  const shades = Uint32Array.from({ length: BLOCKS }, (_, block) => {
    const part = bytes.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE);
    const kinds = new Set(part).size;
    return packColour(
      kinds <= 1 && part[0] === 0 ? empty : mix(empty, hue, 0.2 + (0.7 * kinds) / BLOCK_SIZE),
    );
  });
  const [canvas, context] = makeCanvas(ACROSS, ACROSS);
  context.putImageData(new ImageData(new Uint8ClampedArray(shades.buffer), ACROSS, ACROSS), 0, 0);
  const picture = { canvas, shades, fill };
  pictures.set(bytes, picture);
  return picture;
}

function drawLines({ context, theme, ratio }: Scene, box: Box): void {
  const line = Math.max(1, Math.min(2 * ratio, Math.round(box.width / ACROSS / 14)));
  context.fillStyle = theme.background;
  for (let n = 1; n < ACROSS; n++) {
    context.fillRect(Math.round(box.x + (box.width * n) / ACROSS), box.y, line, box.height);
    context.fillRect(box.x, Math.round(box.y + (box.height * n) / ACROSS), box.width, line);
  }
}

function drawHex(scene: Scene, bytes: Uint8Array, picture: Picture, box: Box): void {
  const { context, theme } = scene;
  const width = box.width / ACROSS;
  const height = box.height / ACROSS;
  const size = Math.min(width / 8, height / (LINES * 1.5));
  context.font = `${size}px ${theme.mono}`;
  context.textAlign = 'center';
  for (let block = 0; block < BLOCKS; block++) {
    const x = box.x + (block % ACROSS) * width;
    const y = box.y + Math.floor(block / ACROSS) * height;
    if (x + width < 0 || y + height < 0 || x > scene.width || y > scene.height) continue;
    context.fillStyle = inkOn(theme, picture.shades[block] as number);
    for (let line = 0; line < LINES; line++) {
      const at = block * BLOCK_SIZE + line * BYTES_A_LINE;
      const text = Array.from(bytes.subarray(at, at + BYTES_A_LINE), (byte) =>
        byte.toString(16).padStart(2, '0'),
      );
      context.globalAlpha = text.every((byte) => byte === '00') ? 0.4 : 1;
      context.fillText(text.join(' '), x + width / 2, y + (height * (line + 0.7)) / (LINES + 0.4));
    }
  }
  context.globalAlpha = 1;
}
