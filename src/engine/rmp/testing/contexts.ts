import { ok } from '../../core/fault';
import type { GuestContext, Mapping } from '../instructions/guest';
import type { HostContext } from '../instructions/host';

/** The hypervisor as it should be: 64-bit mode, CPL 0, no guest. */
export const XEN: HostContext = { actor: 'xen', longMode: true, cpl: 0, asid: 0 };

/** Alice’s kernel at VMPL0, whose tables lead to one place. */
export const alice = (mapping: Mapping, fields: Partial<GuestContext> = {}): GuestContext => ({
  actor: 'alice',
  snpActive: true,
  longMode: true,
  cpl: 0,
  vmpl: 0,
  asid: 3,
  translate: () => ok(mapping),
  ...fields,
});
