/**
 * Where things lie in the pages that a guest and Domain-0 share, in bytes from the start of each page. All fields are
 * little-endian; indices and ports are 32 bits.
 */

/** Xen xen/include/public/xen.h (struct shared_info, struct vcpu_info; 64-bit). */
export const SHARED_INFO = {
  /** Of the first vCPU, at the start: one byte each, then a word that says which words of the array have news. */
  upcallPending: 0x00,
  upcallMask: 0x01,
  pendingSel: 0x08,
  /** Bytes of one vcpu_info; there are 32. */
  vcpuInfo: 64,
  /** 4,096 event channels: 64 words of 64 bits. */
  pending: 0x800,
  mask: 0xa00,
  words: 64,
} as const;

/** A ring of bytes: where its data is, how many, and its two free-running indices. */
export interface ByteRing {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly cons: number;
  readonly prod: number;
}

/** Xen xen/include/public/io/console.h (struct xencons_interface). */
export const CONSOLE = {
  in: { name: 'in', at: 0, size: 1024, cons: 0xc00, prod: 0xc04 },
  out: { name: 'out', at: 0x400, size: 2048, cons: 0xc08, prod: 0xc0c },
} as const satisfies Record<string, ByteRing>;

/** Xen xen/include/public/io/xs_wire.h (struct xenstore_domain_interface). */
export const XENSTORE = {
  req: { name: 'req', at: 0, size: 1024, cons: 0x800, prod: 0x804 },
  rsp: { name: 'rsp', at: 0x400, size: 1024, cons: 0x808, prod: 0x80c },
} as const satisfies Record<string, ByteRing>;

/** `server_features`, `connection` and `error` follow the indices. */
export const XENSTORE_ERROR = { at: 0x818, badIndex: 2 } as const;

/** Xen xen/include/public/io/xs_wire.h (struct xsd_sockmsg: type, req_id, tx_id, len; enum xsd_sockmsg_type). */
export const XS = { header: 16, read: 2, error: 16 } as const;

/** Xen xen/include/public/grant_table.h (struct grant_entry_v1: flags, domid, frame; GTF_*). */
export const GRANT = {
  entry: 8,
  /** Entries in the one frame that a guest has here. */
  entries: 512,
  /** The first ones are kept for the console, the xenstore and their like (GNTTAB_NR_RESERVED_ENTRIES). */
  reserved: 8,
  typeMask: 3,
  permitAccess: 1,
  readonly: 1 << 2,
  reading: 1 << 3,
  writing: 1 << 4,
} as const;

/** Xen xen/include/public/io/ring.h and blkif.h: indices, then 32 slots for a request or the response to it. */
export const BLOCK = {
  reqProd: 0x00,
  rspProd: 0x08,
  slots: 0x40,
  slot: 112,
  count: 32,
  read: 0,
  write: 1,
  okay: 0,
  /** Bytes of a sector. */
  sector: 512,
} as const;

/** Ports of event channels between a guest and Domain-0 (here always the same). */
export const PORTS = { xenstore: 1, console: 2, block: 3 } as const;
export type PortName = keyof typeof PORTS;
