import type { Status } from '../../core/status';

interface Numbered {
  readonly number: number;
  readonly status: Status;
}

const upstream = (number: number): Numbered => ({ number, status: 'upstream' });

/** Hypercalls (xen/include/public/xen.h); upstream ends at 42. */
export const HYPERCALLS = {
  __HYPERVISOR_set_trap_table: upstream(0),
  __HYPERVISOR_memory_op: upstream(12),
  __HYPERVISOR_multicall: upstream(13),
  __HYPERVISOR_xen_version: upstream(17),
  __HYPERVISOR_console_io: upstream(18),
  __HYPERVISOR_grant_table_op: upstream(20),
  __HYPERVISOR_vcpu_op: upstream(24),
  __HYPERVISOR_sched_op: upstream(29),
  __HYPERVISOR_event_channel_op: upstream(32),
  __HYPERVISOR_physdev_op: upstream(33),
  __HYPERVISOR_hvm_op: upstream(34),
  __HYPERVISOR_sysctl: upstream(35),
  __HYPERVISOR_domctl: upstream(36),
  __HYPERVISOR_dm_op: upstream(41),
  __HYPERVISOR_hypfs_op: upstream(42),
  __HYPERVISOR_coco_op: { number: 43, status: 'rfc' },
} as const satisfies Readonly<Record<string, Numbered>>;

/** Commands of `__HYPERVISOR_domctl` (xen/include/public/domctl.h, interface version 18h). */
export const DOMCTLS = {
  XEN_DOMCTL_createdomain: upstream(1),
  XEN_DOMCTL_destroydomain: upstream(2),
  XEN_DOMCTL_pausedomain: upstream(3),
  XEN_DOMCTL_unpausedomain: upstream(4),
  XEN_DOMCTL_getdomaininfo: upstream(5),
  XEN_DOMCTL_max_mem: upstream(11),
  XEN_DOMCTL_max_vcpus: upstream(15),
  XEN_DOMCTL_hypercall_init: upstream(22),
  XEN_DOMCTL_gethvmcontext: upstream(33),
  XEN_DOMCTL_sethvmcontext: upstream(34),
  XEN_DOMCTL_get_cpu_policy: upstream(82),
  XEN_DOMCTL_set_cpu_policy: upstream(83),
} as const satisfies Readonly<Record<string, Numbered>>;

/** Operations of the proposed `__HYPERVISOR_coco_op`, from 0 (xcp-ng/xen 275d07e487: public/hvm/coco.h). */
export const COCO_OPS = {
  platform_status: { number: 0, status: 'rfc' },
  domain_prepare_initial_mem: { number: 1, status: 'rfc' },
  domain_attestation_report: { number: 2, status: 'branch' },
  platform_get_certificates: { number: 3, status: 'branch' },
  platform_get_certificate_signing_request: { number: 4, status: 'branch' },
  platform_regenerate_certificate: { number: 5, status: 'branch' },
  platform_import_certificate: { number: 6, status: 'branch' },
  platform_update: { number: 7, status: 'branch' },
  domain_finish_initial_mem: { number: 8, status: 'branch' },
  domain_update_secrets: { number: 9, status: 'branch' },
} as const satisfies Readonly<Record<string, Numbered>>;
