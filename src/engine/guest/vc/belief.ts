import type { Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import type { Vcpu } from '../memory';

/** The leaf that says whether there is SEV, and where the C-bit lies. */
export const ENCRYPTION_LEAF = 0x8000_001f;
const SEV = 2n;
const POSITION = 0x3fn;

const POSITION_TOLD: Rule = {
  id: 'guest.believes-c-bit',
  says: 'A kernel learns from CPUID which bit of an entry is the C-bit, and sets that one for the memory that it hands out. Another bit is part of the address.',
  source:
    'APM vol. 3 Fn8000_001F[EBX] bits 5:0; Linux arch/x86/mm/mem_encrypt_identity.c (sme_enable: sme_me_mask)',
  standing: 'published',
};

/**
 * What a kernel concludes from CPUID: without the SEV bit in Fn8000_001F it sets no C-bit for the pages that it hands out
 * from then on, and with it the bit that it was told (Linux arch/x86/mm/mem_encrypt_identity.c looks at SEV_STATUS as well; one
 * that does not is modelled).
 */
export function believe(
  p: Platform,
  { domain }: Vcpu,
  leaf: number,
  { eax, ebx }: { readonly eax: bigint; readonly ebx: bigint },
): void {
  if (leaf !== ENCRYPTION_LEAF) return;
  const plain = (eax & SEV) === 0n;
  const os = p.state.need('guest', domain.id);
  if ((os.believesPlain ?? false) !== plain) p.trace.patch('guest', domain.id, { believesPlain: plain });
  const told = Number(ebx & POSITION);
  if (plain || told === believedCBit(p, domain.id)) return;
  p.trace.fact('note', { what: 'C-bit told', cBit: told }, POSITION_TOLD);
  p.trace.patch('guest', domain.id, { believesCBit: told });
}

/** Which bit of its entries a guest’s kernel takes for the C-bit. */
export const believedCBit = (p: Platform, guest: number): number =>
  p.state.need('guest', guest).believesCBit ?? featuresOf(p.state).cBit;
