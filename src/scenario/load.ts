/** Fetches a scenario of the library; `library.test.ts` has checked its form. */
export type Load = () => Promise<{ readonly default: unknown }>;
