import { type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import type { GuestContext } from '../rmp/instructions/guest';
import type { Ended } from '../rmp/instructions/instruction';
import { type PvalidateEnd, pvalidate, pvalidateRun } from '../rmp/instructions/pvalidate';
import { rmpadjust, rmpadjustRun } from '../rmp/instructions/rmpadjust';
import { type RmpqueryEnd, rmpquery } from '../rmp/instructions/rmpquery';
import { walkOnly } from './translate';

/**
 * The instructions with which an SNP guest works on the RMP, as a core executes them in the mode in which it is. A code is a
 * result; a fault is #UD, #GP or #PF in the guest, #VC, or #NPF, with which the guest has to leave (`exitInfoOf`).
 */
function contextOf(p: Platform, coreId: number): GuestContext {
  const { domain, snp, vmpl, asid, guestPaging } = p.state.need('core', coreId);
  return {
    actor: domain === null ? 'xen' : p.state.need('domain', domain).name,
    snpActive: snp,
    longMode: guestPaging,
    cpl: 0,
    vmpl,
    asid,
    translate: (gva) => {
      const arrived = walkOnly(p, coreId, gva);
      if (!arrived.ok) return arrived;
      const { spa, gpa, large } = arrived.value;
      return ok({ spa, gpa: gpa ?? spa, large });
    },
  };
}

/** PVALIDATE on a core: code in EAX, and CF where validated had the value already. */
export const executePvalidate = (
  p: Platform,
  core: number,
  operands: { readonly gva: number; readonly large: boolean; readonly validated: boolean },
): Outcome<PvalidateEnd> => pvalidate(p, operands, contextOf(p, core));

/** PVALIDATE of neighbouring pages of 4 KiB. */
export const executePvalidateRun = (
  p: Platform,
  core: number,
  operands: { readonly gva: number; readonly pages: number; readonly validated: boolean },
): Outcome<PvalidateEnd> => pvalidateRun(p, operands, contextOf(p, core));

/** RMPADJUST on a core: `permissions` as `rmp/permissions.ts` has the bits of one VMPL. */
export const executeRmpadjust = (
  p: Platform,
  core: number,
  operands: {
    readonly gva: number;
    readonly large: boolean;
    readonly target: number;
    readonly permissions: number;
    readonly vmsa: boolean;
  },
): Outcome<Ended> => rmpadjust(p, operands, contextOf(p, core));

/** RMPADJUST of neighbouring pages of 4 KiB. */
export const executeRmpadjustRun = (
  p: Platform,
  core: number,
  operands: {
    readonly gva: number;
    readonly pages: number;
    readonly target: number;
    readonly permissions: number;
  },
): Outcome<Ended> => rmpadjustRun(p, operands, contextOf(p, core));

/** RMPQUERY on a core. */
export const executeRmpquery = (
  p: Platform,
  core: number,
  operands: { readonly gva: number; readonly target: number },
): Outcome<RmpqueryEnd> => rmpquery(p, operands, contextOf(p, core));
