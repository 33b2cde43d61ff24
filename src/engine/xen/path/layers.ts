import type { Status } from '../../core/status';

/** The tree with which every upstream fact was compared: staging of 2026-08-20. */
export const BASELINE = 'xen-project/xen c447b7308b';

export type LayerId =
  | 'xl'
  | 'libxl'
  | 'libxenguest'
  | 'libxc'
  | 'hypercall'
  | 'xen'
  | 'svm'
  | 'asp-driver'
  | 'mailbox'
  | 'firmware'
  | 'cpu';

/** One layer between the administrator and the key: who it is, with what privilege it runs, and what it does. */
export interface Layer {
  readonly name: string;
  readonly privilege: string;
  readonly role: string;
  readonly status: Status;
  /** Where the layer is upstream and its part for SEV is not. */
  readonly sevPart?: Status;
}

/** From top to bottom. */
export const LAYERS: Readonly<Record<LayerId, Layer>> = {
  xl: {
    name: 'xl',
    privilege: 'dom0 user',
    role: 'the command line: reads the configuration and asks libxl',
    status: 'upstream',
  },
  libxl: {
    name: 'libxl',
    privilege: 'dom0 user',
    role: 'a domain’s life: defaults, creation, devices, end',
    status: 'upstream',
  },
  libxenguest: {
    name: 'libxenguest',
    privilege: 'dom0 user',
    role: 'builds what the guest boots from, in its memory',
    status: 'upstream',
  },
  libxc: {
    name: 'libxenctrl',
    privilege: 'dom0 user',
    role: 'puts calls to the hypervisor into their structures',
    status: 'upstream',
  },
  hypercall: {
    name: 'hypercall ABI',
    privilege: 'boundary',
    role: 'the way into the hypervisor: domctl, memory_op, and by the RFC coco_op',
    status: 'upstream',
  },
  xen: {
    name: 'Xen common and x86',
    privilege: 'hypervisor',
    role: 'domains, their memory, scheduling, ASIDs',
    status: 'upstream',
  },
  svm: {
    name: 'SVM and SEV operations',
    privilege: 'hypervisor',
    role: 'VMCB and VMRUN, and the hooks that SEV needs',
    status: 'upstream',
    sevPart: 'rfc',
  },
  'asp-driver': {
    name: 'ASP driver',
    privilege: 'hypervisor',
    role: 'one command at a time to the secure processor',
    status: 'rfc',
  },
  mailbox: {
    name: 'mailbox registers',
    privilege: 'hardware',
    role: 'where the command and its buffer’s address are written',
    status: 'hardware',
  },
  firmware: {
    name: 'ASP firmware',
    privilege: 'secure processor',
    role: 'keys, measurements, and which ASID has which key',
    status: 'hardware',
  },
  cpu: { name: 'CPU', privilege: 'hardware', role: 'runs the guest until it exits', status: 'hardware' },
};
