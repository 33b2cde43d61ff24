import { drawArrows } from './drawArrows';
import { drawBase } from './drawBase';
import { drawCells } from './drawCells';
import { drawHot } from './drawHot';
import { drawFaults, drawSelection } from './drawMarks';
import { drawPages } from './drawPages';
import { drawRegionLabels } from './drawRegions';
import type { Scene } from './scene';

/** Draws one frame, from the ground up. True while something on it moves by itself. */
export function drawScene(scene: Scene): boolean {
  drawBase(scene);
  drawCells(scene);
  drawPages(scene);
  drawRegionLabels(scene);
  const moving = drawHot(scene);
  drawFaults(scene);
  drawArrows(scene);
  drawSelection(scene);
  return moving;
}
