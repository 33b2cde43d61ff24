import type { Load } from './load';

/** The attacks of the literature as scenarios, in the order in which they are compared. Id: the file's name, and the name in the literature’s table. */
export const ATTACK_LOADERS = {
  'cold-boot-dram': () => import('./attacks/cold-boot-dram.scenario.yaml'),
  'npt-remap-severed': () => import('./attacks/npt-remap-severed.scenario.yaml'),
  'ciphertext-replay': () => import('./attacks/ciphertext-replay.scenario.yaml'),
} as const satisfies Record<string, Load>;

export const ATTACK_IDS: readonly string[] = Object.keys(ATTACK_LOADERS);
