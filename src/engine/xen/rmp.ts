import type { Outcome } from '../core/fault';
import { refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import type { HostContext } from '../rmp/instructions/host';
import type { Ended } from '../rmp/instructions/instruction';
import { psmash } from '../rmp/instructions/psmash';
import { type RmpreadEnd, rmpread } from '../rmp/instructions/rmpread';
import { rmpupdate, rmpupdateRun } from '../rmp/instructions/rmpupdate';
import { packRecord, type RmpRecord } from '../rmp/record';

/** The instructions of SNP as Xen executes them: 64-bit mode, CPL 0, no guest. */
const XEN: HostContext = { actor: 'xen', longMode: true, cpl: 0, asid: 0 };

/** What RMPUPDATE is to make of a page; what is left out is 0. */
export type Wanted = Partial<Omit<RmpRecord, 'regionAssigned'>>;

const NOTHING: RmpRecord = {
  gpa: 0,
  assigned: false,
  large: false,
  regionAssigned: false,
  immutable: false,
  asid: 0,
};

/** A code other than SUCCESS is the refusal of the check that decided. */
function succeeded<T extends Ended>(name: string, spa: number, ended: Outcome<T>): Outcome<T> {
  if (!ended.ok || !ended.value.decided) return ended;
  const { code, eax, decided } = ended.value;
  const message = `${name} of 0x${spa.toString(16)} answers ${code}. ${decided.rule.says}`;
  return refuse(decided.rule, code, message, { spa, eax }, decided.remedy);
}

/** RMPUPDATE of the page at an SPA. */
export const updateRmp = (p: Platform, spa: number, wanted: Wanted): Outcome<Ended> =>
  succeeded('RMPUPDATE', spa, rmpupdate(p, { spa, state: packRecord({ ...NOTHING, ...wanted }) }, XEN));

/** RMPUPDATE of neighbouring pages of 4 KiB from an SPA on, whose GPAs follow each other. */
export const updateRmpRun = (
  p: Platform,
  spa: number,
  pages: number,
  wanted: Omit<Wanted, 'large'>,
): Outcome<Ended> => {
  const { large: _, regionAssigned: __, ...nothing } = NOTHING;
  return succeeded('RMPUPDATE', spa, rmpupdateRun(p, { ...nothing, ...wanted, spa, pages }, XEN));
};

/** PSMASH of the 2 MiB at an SPA. */
export const smashRmp = (p: Platform, spa: number): Outcome<Ended> =>
  succeeded('PSMASH', spa, psmash(p, { spa }, XEN));

/** RMPREAD of the page at an SPA. */
export const readRmp = (p: Platform, spa: number): Outcome<RmpreadEnd> =>
  succeeded('RMPREAD', spa, rmpread(p, { spa }, XEN));
