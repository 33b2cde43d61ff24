import type { Rule } from '../core/fault';

/** What decides between a guest’s PV drivers and Domain-0. */
export const PV_RULES = {
  pages: {
    id: 'pv.pages',
    says: 'shared_info, grant table and rings lie in guest memory that both sides use; in an encrypted guest they must be mapped with C = 0.',
    source:
      'Xen docs/misc/pvh.pandoc; APM vol. 2 §15.34.5; that the guest picks all five pages here is modelled',
    standing: 'modelled',
  },
  notConnected: {
    id: 'pv.not-connected',
    says: 'A PV driver needs its ring, its event channel and a grant table first.',
    source: 'Xen xen/include/public/io/xs_wire.h, console.h, grant_table.h',
    standing: 'published',
  },
  arguments: {
    id: 'pv.hypercall-arguments',
    says: 'Xen reads hypercall arguments through the guest’s page tables, which are ciphertext to it; the proposals pass them in registers, or by physical address in shared pages.',
    source:
      'Xen xen/arch/x86/hvm/hypercall.c, copy_from_guest; RFC: xen-devel 2025-04-18 (physical addresses), 2025-08-21 (FastABI)',
    standing: 'modelled',
  },
  ringIndex: {
    id: 'pv.ring-index',
    says: 'A ring whose indices are further apart than it is long is broken, and nothing is taken from it.',
    source: 'Xen tools/console/daemon/io.c (buffer_append), tools/xenstored/domain.c (check_indexes)',
    standing: 'published',
  },
  ringFull: {
    id: 'pv.ring-full',
    says: 'A writer waits while a ring has no room: until the reader moves its index.',
    source: 'Linux drivers/tty/hvc/hvc_xen.c, drivers/xen/xenbus/xenbus_comms.c',
    standing: 'published',
  },
  answer: {
    id: 'pv.no-answer',
    says: 'Whoever asks over a ring waits for an answer with the number of its own request.',
    source: 'Linux drivers/xen/xenbus/xenbus_comms.c, drivers/block/xen-blkfront.c',
    standing: 'published',
  },
  ownPages: {
    id: 'pv.own-pages',
    says: 'A guest grants pages of its own memory.',
    source: 'Xen xen/common/grant_table.c (get_paged_frame)',
    standing: 'published',
  },
  noReference: {
    id: 'pv.no-reference',
    says: 'A grant reference is the number of an entry of the table, and the table has a limit.',
    source: 'Xen xen/common/grant_table.c (map_grant_ref: Bad ref)',
    standing: 'published',
  },
  tableFull: {
    id: 'pv.grant-table-full',
    says: 'One frame of version 1 has 512 entries, of which the first eight are reserved.',
    source: 'Xen xen/include/public/grant_table.h',
    standing: 'published',
  },
  badEntry: {
    id: 'pv.bad-grant',
    says: 'Xen maps a granted page only if the entry’s type permits access and names the domain that asks.',
    source: 'Xen xen/common/grant_table.c (_set_status_v1: Bad flags or dom)',
    standing: 'published',
  },
  grantOfPrivate: {
    id: 'pv.grant-of-private',
    says: 'A grant gives a machine frame and no key: of a private page it succeeds, and the data is ciphertext.',
    source: 'Xen xen/common/grant_table.c knows nothing of C-bits; APM vol. 2 §15.34.5',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;
