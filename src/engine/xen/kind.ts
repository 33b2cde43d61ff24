import { POLICY } from '../asp/guests';

/** Does a guest policy ask for SEV-ES? This bit alone chooses the kind of guest, and with it the range of its ASID. */
export const hasEs = (policy: number | null): boolean => policy !== null && (policy & POLICY.es) !== 0;
