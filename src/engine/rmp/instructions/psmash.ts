import { LARGE_PAGE_SIZE } from '../../core/address';
import type { Outcome, Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { RmpEntry } from '../entry';
import { isInUse } from '../inUse';
import { readEntry, splitLarge } from '../table';
import { dropTranslations } from '../translations';
import { cplCheck, type HostContext, type HostSituation, hostCheck, modeCheck, onlyEax } from './host';
import { carryOut, EAX, type Ended, endedWith, type Instruction, whole } from './instruction';

/** The hypervisor splits a page of 2 MiB into 512 of 4 KiB; whatever the guest has accepted stays accepted. */
interface Situation extends HostSituation {
  readonly old: RmpEntry | null;
}

const SOURCE = 'MicrosoftDocs cpp-docs docs/intrinsics/psmash.md; Linux arch/x86/virt/svm/sev.c';
const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const PSMASH_RULES = {
  input: rule('psmash.input', 'The SPA is a multiple of 2 MiB and covered by the RMP.', SOURCE, 'published'),
  large: rule(
    'psmash.large',
    'The entry is an assigned, mutable one of 2 MiB.',
    'modelled: MicrosoftDocs has FAIL_BADADDR = 7, early patches of Linux 4; that this is what it means',
    'modelled',
  ),
  inUse: rule('psmash.in-use', 'The page is not in use by hardware.', SOURCE, 'published'),
} as const;

export const PSMASH: Instruction<Situation, Ended> = {
  name: 'PSMASH',
  opcode: 'f30f01ff',
  takes: { spa: whole('RAX') },
  gives: EAX,
  checks: [
    modeCheck,
    cplCheck,
    hostCheck,
    {
      rule: PSMASH_RULES.input,
      ends: 'FAIL_INPUT',
      refuses: ({ spa, old }) => spa % LARGE_PAGE_SIZE !== 0 || !old,
      remedy: 'The first page of 2 MiB that the table covers.',
    },
    {
      rule: PSMASH_RULES.large,
      ends: 'FAIL_BADADDR',
      refuses: ({ old }) => !old?.assigned || !old.large || old.immutable,
      remedy: 'A page of 2 MiB that belongs to a guest.',
    },
    {
      rule: PSMASH_RULES.inUse,
      ends: 'FAIL_INUSE',
      refuses: ({ p, spa }) => isInUse(p, spa, LARGE_PAGE_SIZE),
      remedy: 'The vCPU would have to exit.',
    },
  ],
  run: ({ p, spa }) => {
    splitLarge(p, spa);
    dropTranslations(p, spa, LARGE_PAGE_SIZE);
    return endedWith('SUCCESS');
  },
  ...onlyEax,
};

/** PSMASH of the 2 MiB at an SPA. */
export function psmash(p: Platform, { spa }: { readonly spa: number }, context: HostContext): Outcome<Ended> {
  return carryOut(p, context.actor, PSMASH, { spa }, { p, context, spa, old: readEntry(p, spa) });
}
