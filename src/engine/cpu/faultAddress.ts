import { hex } from '../core/address';
import { u64 } from '../core/bytes';
import type { CoreCell } from '../core/cells';
import type { Fault, Rule } from '../core/fault';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { isLeaf, leafSize, type WalkStep } from '../memory/pageTable';
import { EXIT, isAutomatic } from './exits';
import { guestFormat } from './mode';
import { exitInfoOf } from './pageFaults';

const FAULT_ADDRESS: Rule = {
  id: 'npf.fault-address',
  says: 'EXITINFO2 of a nested page fault is the guest physical address that could not be reached. The walker made it of the guest’s own entry, so that the hypervisor reads the address bits of that entry.',
  source: 'APM vol. 2 §15.25.6; CrossLine (ACM CCS 2021)',
  standing: 'published',
};

/**
 * What a nested page fault tells the hypervisor of the entry that the walker read last, with the guest’s key, wherever the nested
 * tables had put it. Nothing where the guest’s tables were not reached, or where the fault stays in the guest (#VC).
 */
export function tellFaultAddress(
  p: Platform,
  core: CoreCell,
  steps: readonly WalkStep[],
  fault: Fault,
): void {
  const entry = steps.findLast(({ table }) => table === 'guest');
  if (!entry || fault.name !== '#NPF') return;
  const { info1, info2 } = exitInfoOf(fault);
  if (core.es && !isAutomatic(EXIT.NPF, info1)) return;
  const within = isLeaf(entry.raw, entry.level) ? BigInt(leafSize(entry.level) - 1) : 0n;
  const mask = guestFormat(p, core.sev).addressMask & ~within;
  const told = { what: 'fault address', actor: 'xen', principal: OWNER_HYPERVISOR, spa: entry.address };
  p.trace.fact(
    'note',
    { ...told, address: Number(info2), bits: hex(mask) },
    FAULT_ADDRESS,
    u64(info2 & mask),
  );
}
