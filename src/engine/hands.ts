import type { Hands } from './machine';
import { perform } from './perform';
import { initcalls } from './xen/initcalls';

export const hands: Hands = { initcalls, perform };
