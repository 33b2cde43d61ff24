import type { FigureDefinition } from '../figure';
import { ASP_FIGURES } from './asp';
import { COMPARE_FIGURES } from './compare';
import { ENGINE_FIGURES } from './engine';
import { HISTORY_FIGURES } from './history';
import { HOST_FIGURES } from './host';
import { MATRIX_FIGURES } from './matrix';
import { RMP_FIGURES } from './rmp';
import { XEN_FIGURES } from './xen';

/** What is measured without a browser. */
export const NODE_FIGURES: readonly FigureDefinition[] = [
  ...ENGINE_FIGURES,
  ...ASP_FIGURES,
  ...COMPARE_FIGURES,
  ...HISTORY_FIGURES,
  ...HOST_FIGURES,
  ...MATRIX_FIGURES,
  ...RMP_FIGURES,
  ...XEN_FIGURES,
];
