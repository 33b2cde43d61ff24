import type { FigureDefinition } from '../figure';
import { APP_FIGURES } from './app';
import { COMPARE_FIGURES } from './compare';
import { FIRST_FIGURES } from './first';
import { MAP_FIGURES } from './mapFigures';
import { MATRIX_FIGURES } from './matrix';
import { WORKER_FIGURES } from './workerFigures';

/** What is measured in Chromium. */
export const BROWSER_FIGURES: readonly FigureDefinition[] = [
  ...FIRST_FIGURES,
  ...MAP_FIGURES,
  ...APP_FIGURES,
  ...COMPARE_FIGURES,
  ...MATRIX_FIGURES,
  ...WORKER_FIGURES,
];
