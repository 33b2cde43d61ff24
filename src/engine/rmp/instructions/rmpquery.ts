import type { Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { permissionsOf } from '../permissions';
import {
  coveredPage,
  type GuestContext,
  type GuestSituation,
  guestSituation,
  modeCheck,
  ownedCheck,
  walkChecks,
} from './guest';
import { cplCheck } from './host';
import { bits, carryOut, EAX, type Ended, endedWith, type Instruction, whole } from './instruction';
import { levelExists, validatedCheck } from './rmpadjust';

/** A guest asks what a VMPL may do with a page (Genoa and later). */
interface Situation extends GuestSituation {
  readonly target: number;
}

export interface RmpqueryEnd extends Ended {
  /** RDX 15:8 and 16, and RCX bit 0; null with another code than SUCCESS. */
  readonly found: { readonly permissions: number; readonly vmsa: boolean; readonly large: boolean } | null;
}

const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const RMPQUERY_RULES = {
  exists: rule(
    'rmpquery.exists',
    'RMPQUERY exists on processors with CPUID Fn8000_001F[EAX] bit 6.',
    'APM vol. 3 (CPUID Fn8000_001F); that it is #UD elsewhere is modelled',
    'published',
  ),
  level: rule(
    'rmpquery.level',
    'A VMPL asks about itself and less privileged ones that the processor has.',
    'modelled: MicrosoftDocs cpp-docs docs/intrinsics/rmpquery.md names FAIL_PERMISSION; when is not published',
    'modelled',
  ),
  found: rule(
    'rmpquery.found',
    'RDX gets the permissions and the VMSA bit as RMPADJUST takes them, RCX the size.',
    'microsoft/openvmm vm/x86/x86defs/src/snp.rs; that the size is in RCX is modelled',
    'published',
  ),
} as const;

const RMPQUERY_BIT = 6;

export const RMPQUERY: Instruction<Situation, RmpqueryEnd> = {
  name: 'RMPQUERY',
  opcode: 'f30f01fd',
  takes: { gva: whole('RAX'), target: bits('RDX', 0, 8) },
  gives: { ...EAX, large: bits('RCX', 0), permissions: bits('RDX', 8, 8), vmsa: bits('RDX', 16) },
  checks: [
    {
      rule: RMPQUERY_RULES.exists,
      ends: '#UD',
      refuses: ({ p }) => ((p.state.need('cpuid').fn8000001f.eax >>> RMPQUERY_BIT) & 1) === 0,
      remedy: 'A processor of Genoa’s generation or later.',
    },
    modeCheck,
    cplCheck,
    {
      rule: RMPQUERY_RULES.level,
      ends: 'FAIL_PERMISSION',
      refuses: (situation) => !levelExists(situation) || situation.target < situation.context.vmpl,
      remedy: 'The running VMPL, or a less privileged one.',
    },
    ...walkChecks,
    ownedCheck,
    validatedCheck,
  ],
  run: (situation) => {
    const { entry, mapping } = coveredPage(situation);
    const { vmsa, large } = entry;
    situation.p.trace.fact('note', { what: 'asked', spa: mapping.spa }, RMPQUERY_RULES.found);
    const permissions = permissionsOf(entry, situation.target);
    return { ...endedWith('SUCCESS'), found: { permissions, vmsa, large } };
  },
  failed: (ended) => ({ ...ended, found: null }),
  shows: ({ eax, found }) => ({ eax, ...found }),
};

/** RMPQUERY: RAX the GVA, RDX (7:0) the target VMPL. */
export function rmpquery(
  p: Platform,
  { gva, target }: { readonly gva: number; readonly target: number },
  context: GuestContext,
): Outcome<RmpqueryEnd> {
  const situation = { ...guestSituation(p, context, { gva, large: false }), target };
  return carryOut(p, context.actor, RMPQUERY, { gva, target }, situation);
}
