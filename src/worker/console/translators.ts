import { asp } from './asp';
import { rmpVerbs } from './rmp';
import type { Translator } from './translator';
import { xl } from './xl';

/** Verbs whose lines are written as in the real world. */
export const TRANSLATORS: readonly Translator[] = [xl, asp, ...rmpVerbs];
