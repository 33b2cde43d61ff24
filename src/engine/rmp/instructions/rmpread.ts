import { PAGE_SIZE, pageBase } from '../../core/address';
import { toHex } from '../../core/bytes';
import type { Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { RmpEntry } from '../entry';
import { packRecord } from '../record';
import { headOf, readEntry } from '../table';
import { cplCheck, type HostContext, type HostSituation, hostCheck } from './host';
import {
  carryOut,
  EAX,
  type Ended,
  endedWith,
  type Instruction,
  type InstructionCheck,
  whole,
} from './instruction';

/** Software looks at an entry whose layout it need not know (Turin). */
interface Situation extends HostSituation {
  readonly entry: RmpEntry | null;
}

export interface RmpreadEnd extends Ended {
  /** The 16 bytes that go to where RCX points; null: nothing is written. */
  readonly record: Uint8Array | null;
}

const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const RMPREAD_RULES = {
  exists: rule(
    'rmpread.exists',
    'RMPREAD exists in 64-bit mode of processors with CPUID Fn8000_001F[EAX] bit 21.',
    'Linux arch/x86/virt/svm/sev.c (X86_FEATURE_RMPREAD); that it is #UD elsewhere is modelled',
    'published',
  ),
  covered: rule(
    'rmpread.covered',
    'The page is covered by the RMP.',
    'modelled: MicrosoftDocs cpp-docs docs/intrinsics/rmpread.md names FAIL_INPUT without a reason',
    'modelled',
  ),
} as const;

const RMPREAD_BIT = 21;

const exists: InstructionCheck<HostSituation> = {
  rule: RMPREAD_RULES.exists,
  ends: '#UD',
  refuses: ({ p, context }) =>
    !context.longMode || ((p.state.need('cpuid').fn8000001f.eax >>> RMPREAD_BIT) & 1) === 0,
  remedy: '64-bit mode of a processor of Turin’s generation.',
};

/** Is some page of 4 KiB of the 2 MiB assigned by itself? */
function regionAssigned(p: Platform, spa: number): boolean {
  const head = readEntry(p, headOf(spa));
  return head !== null && !head.large && (head.assigned || head.subPageCount > 0);
}

export const RMPREAD: Instruction<Situation, RmpreadEnd> = {
  name: 'RMPREAD',
  opcode: 'f20f01fd',
  takes: { spa: whole('RAX'), record: whole('RCX') },
  gives: EAX,
  checks: [
    exists,
    cplCheck,
    hostCheck,
    {
      rule: RMPREAD_RULES.covered,
      ends: 'FAIL_INPUT',
      refuses: ({ entry }) => !entry,
      remedy: 'A page that the table covers.',
    },
  ],
  run: ({ p, spa, entry }) => {
    if (!entry) throw new Error('no check has refused nothing');
    return {
      ...endedWith('SUCCESS'),
      record: packRecord({ ...entry, regionAssigned: regionAssigned(p, spa) }),
    };
  },
  failed: (ended) => ({ ...ended, record: null }),
  shows: ({ eax, record }) => ({ eax, record: record ? toHex(record) : null }),
};

/** RMPREAD of the page at an SPA. Writes nothing to memory: the caller stores the record. */
export function rmpread(
  p: Platform,
  operands: { readonly spa: number },
  context: HostContext,
): Outcome<RmpreadEnd> {
  const spa = pageBase(operands.spa);
  const args = { spa, length: PAGE_SIZE };
  return carryOut(p, context.actor, RMPREAD, args, { p, context, spa, entry: readEntry(p, spa) });
}
