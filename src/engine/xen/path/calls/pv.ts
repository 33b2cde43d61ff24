import { upstream } from './call';

/** What PV drivers and Domain-0’s daemons ask of Xen; none of it knows of encryption (xen.md F.1). */
export const PV_CALLS = {
  'xenconsoled: handle_ring_read': upstream('xl', 'tools/console/daemon/io.c', {
    note: 'a daemon of Domain-0: maps the guest’s ring as a foreign page and prints what it can read',
  }),
  'xenstored: handle_input': upstream('xl', 'tools/xenstored/core.c', {
    note: 'a daemon of Domain-0: serves no ring whose indices make no sense',
  }),
  do_read: upstream('xl', 'tools/xenstored/core.c'),
  send_reply: upstream('xl', 'tools/xenstored/core.c'),
  XENMEM_add_to_physmap: upstream('hypercall', 'xen/include/public/memory.h', {
    note: 'memory_op, subop 7: shared_info or a grant table frame into the guest’s physical memory',
  }),
  xenmem_add_to_physmap: upstream('xen', 'xen/common/memory.c'),
  HVMOP_get_param: upstream('hypercall', 'xen/include/public/hvm/hvm_op.h', {
    note: 'where the rings of console and xenstore are',
  }),
  hvm_get_param: upstream('xen', 'xen/arch/x86/hvm/hvm.c'),
  EVTCHNOP_send: upstream('hypercall', 'xen/include/public/event_channel.h', {
    note: 'event_channel_op, subop 4',
  }),
  do_event_channel_op: upstream('xen', 'xen/common/event_channel.c'),
  evtchn_send: upstream('xen', 'xen/common/event_channel.c'),
  evtchn_2l_set_pending: upstream('xen', 'xen/common/event_2l.c', {
    note: 'a bit in the guest’s shared_info: noise, where that page is private',
  }),
  GNTTABOP_map_grant_ref: upstream('hypercall', 'xen/include/public/grant_table.h', {
    note: 'grant_table_op, subop 0',
  }),
  GNTTABOP_unmap_grant_ref: upstream('hypercall', 'xen/include/public/grant_table.h', {
    note: 'grant_table_op, subop 1',
  }),
  do_grant_table_op: upstream('xen', 'xen/common/grant_table.c'),
  gnttab_map_grant_ref: upstream('xen', 'xen/common/grant_table.c', {
    note: 'gives out the machine frame, and no key',
    refuses: ['GNTST_bad_gntref', 'GNTST_general_error', 'GNTST_bad_page'],
  }),
  gnttab_unmap_grant_ref: upstream('xen', 'xen/common/grant_table.c'),
  _set_status_v1: upstream('xen', 'xen/common/grant_table.c', {
    note: 'marks the entry as in use, in the guest’s own page',
  }),
  gnttab_clear_flags: upstream('xen', 'xen/common/grant_table.c'),
} as const;
