import type { Platform } from '../../core/platform';
import type { Vcpu } from '../memory';

const ENCRYPTION_LEAF = 0x8000_001f;
const SEV = 2n;

/**
 * What a kernel concludes from CPUID: without the SEV bit in Fn8000_001F it sets no C-bit for the pages that it hands out
 * from then on (Linux arch/x86/mm/mem_encrypt_identity.c looks at SEV_STATUS as well; one that does not is modelled).
 */
export function believe(p: Platform, { domain }: Vcpu, leaf: number, eax: bigint): void {
  if (leaf !== ENCRYPTION_LEAF) return;
  const plain = (eax & SEV) === 0n;
  const os = p.state.need('guest', domain.id);
  if ((os.believesPlain ?? false) !== plain) p.trace.patch('guest', domain.id, { believesPlain: plain });
}
