import { hex, PAGE_SIZE } from '../../engine/core/address';
import { OWNER_FREE, pageKey, pageOwner, pageShared, pageStructure } from '../../engine/core/page';
import { drawBlocks } from './drawBlocks';
import { drawLock, isPrivate } from './drawCells';
import { inkOn } from './ink';
import { KEY_NEVER } from './palette';
import { type Box, DETAIL, forEachVisible, type Scene } from './scene';

/** What a monospace glyph is wide, in its size. */
const GLYPH = 0.6;

/** Address, owner and key in each cell; from closer, the page's blocks and bytes under a title. */
export function drawPages(scene: Scene): void {
  const cell = scene.view.scale / scene.ratio;
  if (cell < DETAIL.label) return;
  scene.context.textBaseline = 'middle';
  forEachVisible(scene, (pfn, word, box) => {
    if (cell >= DETAIL.blocks) drawOpened(scene, pfn, word, box);
    else drawLabelled(scene, pfn, word, box);
  });
}

const addressOf = (pfn: number): string => hex(pfn * PAGE_SIZE);

function drawLabelled(scene: Scene, pfn: number, word: number, box: Box): void {
  const { context, theme, unit } = scene;
  const address = addressOf(pfn);
  const pad = box.width * 0.1;
  const size = Math.min(13 * unit, (box.width - 2 * pad) / (address.length * GLYPH));
  const ink = inkOn(theme, scene.model.colour(pfn));
  context.fillStyle = pageOwner(word) === OWNER_FREE ? theme.mutedInk : ink;
  context.textAlign = 'left';
  context.font = `${size}px ${theme.mono}`;
  context.fillText(address, box.x + pad, box.y + pad + size * 0.6);
  if (pageOwner(word) === OWNER_FREE) return;
  const small = Math.min(12 * unit, box.width * 0.15);
  context.font = `600 ${small}px ${theme.sans}`;
  context.fillText(
    scene.names.owner(pageOwner(word)),
    box.x + pad,
    box.y + pad + size + small,
    box.width - 2 * pad,
  );
  if (box.width >= 84 * scene.ratio && pageKey(word) !== KEY_NEVER) {
    context.font = `${small}px ${theme.sans}`;
    const y = box.y + pad + size + small * 2.3;
    context.fillText(scene.names.key(pageKey(word)), box.x + pad, y, box.width - 2 * pad);
  }
  const mark = Math.round(Math.min(box.width * 0.2, 20 * unit));
  if (isPrivate(word)) drawLock(scene, pfn, box.x + pad, box.y + box.height - pad - mark, mark);
}

/** In words what the patterns say from further away. */
function titleOf(scene: Pick<Scene, 'names'>, word: number): string {
  if (pageOwner(word) === OWNER_FREE) return 'free';
  const parts = [scene.names.owner(pageOwner(word))];
  if (pageKey(word) !== KEY_NEVER) parts.push(scene.names.key(pageKey(word)));
  if (pageShared(word)) parts.push('shared');
  if (isPrivate(word)) parts.push('private');
  if (pageStructure(word)) parts.push('structure');
  return parts.join(' · ');
}

function drawOpened(scene: Scene, pfn: number, word: number, box: Box): void {
  const { context, theme, unit } = scene;
  const size = Math.min(15 * unit, box.width * 0.06);
  const pad = Math.min(14 * unit, box.width * 0.04);
  const ink = pageOwner(word) === OWNER_FREE ? theme.mutedInk : inkOn(theme, scene.model.colour(pfn));
  const line = box.y + pad + size * 0.7;
  context.fillStyle = ink;
  context.textAlign = 'left';
  context.font = `600 ${size}px ${theme.mono}`;
  const address = addressOf(pfn);
  context.fillText(address, box.x + pad, line);
  const taken = pad + size * GLYPH * (address.length + 1.5);
  context.font = `${size}px ${theme.sans}`;
  context.fillText(titleOf(scene, word), box.x + taken, line, Math.max(1, box.width - taken - pad));
  const top = box.y + 2 * pad + size;
  drawBlocks(scene, pfn, {
    x: box.x + pad,
    y: top,
    width: box.width - 2 * pad,
    height: box.y + box.height - pad - top,
  });
}
