import type { Technology } from '../engine/core/config';

/** Whether what may name technologies is meant for this one. */
export const isFor = (
  { tech }: { readonly tech?: readonly Technology[] | undefined },
  technology: Technology,
): boolean => tech?.includes(technology) ?? true;

/** Whether something is done while one of the attack’s switches is on, or none. */
export const isDoneWith = (
  { only_with, not_with }: { readonly only_with?: string; readonly not_with?: string },
  mitigation: string | null,
): boolean =>
  (only_with === undefined || only_with === mitigation) &&
  (not_with === undefined || not_with !== mitigation);
