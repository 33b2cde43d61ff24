import type { ComponentType } from 'react';

type Load = () => Promise<{ readonly default: ComponentType }>;

/** The views that the first picture does not show, by their tabs. What it waits for knows only where this list is. */
export const VIEWS = {
  machine: () => import('./machine/MachineTab'),
  walk: () => import('./walk/WalkTab'),
  xen: () => import('./xenstack/XenStackTab'),
  states: () => import('./firmware/FirmwareTab'),
  keys: () => import('./keys/KeysTab'),
  registers: () => import('./registers/RegistersTab'),
  rmp: () => import('./rmp/RmpTab'),
  launch: () => import('./launch/LaunchTab'),
  cache: () => import('./cache/CacheTab'),
  matrix: () => import('./matrix/MatrixTab'),
  asids: () => import('./asids/AsidsTab'),
} as const satisfies Readonly<Record<string, Load>>;
