import { ATTACK_IDS } from './attacks';
import { SCENARIO_IDS } from './library';

/** Does a scenario or an attack of this name come with SEVscope? */
export const isBuiltIn = (id: string): boolean => SCENARIO_IDS.includes(id) || ATTACK_IDS.includes(id);
