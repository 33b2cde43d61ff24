import { type Fault, type Rule, refuse } from '../core/fault';
import type { IbsCell } from '../core/ibsCells';
import type { Platform } from '../core/platform';
import type { Instruction } from './isa/instructions';
import { hasSevFeature } from './sevFeatures';
import { readVmsaField } from './vmsaFields';

/** Instruction-based sampling: the host lets a core tell which instructions it retires, the guest’s too. */

const IBS_RULES = {
  sample: {
    id: 'ibs.sample',
    says: 'A core that samples tells where instructions retire, whoever’s they are: not what they work with, but how far one is from the next.',
    source:
      'APM vol. 2 §13.3; SEVerESt (Werner et al., AsiaCCS 2019); modelled: each near return of a guest’s program is a sample, and distances alone are kept; hardware takes one operation in some thousand',
    standing: 'modelled',
  },
  prevented: {
    id: 'vmrun.host-ibs',
    says: 'With PreventHostIBS in its SEV_FEATURES a guest is not entered while the host samples on that core: VMEXIT_INVALID.',
    source: 'APM vol. 2 table 15-32; attacks.md section 4, SEV-FEATURES-6',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Samples of a core that are kept until it begins anew. */
const MOST = 256;

const NOTHING: IbsCell = { on: false, last: null, distances: [] };

export const ibsOf = (p: Platform, core: number): IbsCell => p.state.cell('ibs', core) ?? NOTHING;

/** IbsOpCtl.IbsOpEn of a core. Switched on, it begins without samples. */
export const setSampling = (p: Platform, core: number, on: boolean): void =>
  p.trace.set('ibs', core, on ? { ...NOTHING, on } : { ...ibsOf(p, core), on });

/** An instruction has retired on a core, at a virtual address. */
export function sample(p: Platform, core: number, { mnemonic }: Instruction, rip: bigint): void {
  const { on, last, distances } = ibsOf(p, core);
  if (!on || mnemonic !== 'ret') return;
  const at = Number(rip);
  const told = last === null || distances.length >= MOST ? distances : [...distances, at - last];
  p.trace.fact(
    'note',
    { what: 'sample', core, distance: last === null ? null : at - last },
    IBS_RULES.sample,
  );
  p.trace.set('ibs', core, { on, last: at, distances: told });
}

/** Why VMRUN does not enter a guest on a core that samples, or null. @param vmsa as it lies there; null without SEV-ES. */
export function samplingRefusal(p: Platform, core: number, vmsa: Uint8Array | null): Fault | null {
  if (!vmsa || !ibsOf(p, core).on) return null;
  if (!hasSevFeature(readVmsaField(vmsa, 'sevFeatures'), 'PreventHostIBS')) return null;
  return refuse(
    IBS_RULES.prevented,
    'VMEXIT_INVALID',
    `Core ${core} samples instructions, and the VMSA asks that the host does not.`,
    { core },
    'IbsOpCtl.IbsOpEn and IbsFetchCtl.IbsFetchEn clear on this core.',
  ).fault;
}
