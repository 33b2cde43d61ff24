import { z } from 'zod';

// The page's policy forbids eval; zod would try it, to be faster, and the browser would report that. Every schema that runs
// in the page imports zod from here, so that this is said before the first one is made.
z.config({ jitless: true });

export { z };
