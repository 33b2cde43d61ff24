import { fromHex } from '../core/bytes';
import { type Rule, refuse } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';

/** What other cores do while the secure processor carries a command out. */
const LOCKED: Rule = {
  id: 'asp.rmp-locked',
  says: 'While SNP_INIT writes the RMP, its region is locked: no core stores there.',
  source:
    'AMD-ASPFW sev_rmp.c (region lock over the RMP); AMD-SB-3020: that the lock of older firmware does not reach stores that stay in a cache is modelled',
  standing: 'modelled',
};

/** The store that a core repeats is done once more. `locked`: no core may store to the RMP now. */
export function meanwhile(p: Platform, locked = false): void {
  const racing = p.state.cell('racing');
  if (!racing) return;
  const bytes = fromHex(racing.bytes);
  const { core, virtual } = racing;
  if (locked) {
    p.trace.refused(
      refuse(LOCKED, 'abort', 'The region of the RMP is locked.', { core, virtual }, 'The end of SNP_INIT.'),
    );
    return;
  }
  access(p, {
    core,
    actor: 'xen',
    principal: OWNER_HYPERVISOR,
    virtual,
    op: 'write',
    length: bytes.length,
    bytes,
    shared: () => true,
  });
}
