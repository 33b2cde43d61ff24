import type { Technology } from '../engine/core/config';

/** Whether what may name technologies is meant for this one. */
export const isFor = (
  { tech }: { readonly tech?: readonly Technology[] | undefined },
  technology: Technology,
): boolean => tech?.includes(technology) ?? true;
