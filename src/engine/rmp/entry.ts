/**
 * An entry of the reverse map table: to whom one page of memory belongs. The architecture names the fields (APM vol. 2
 * table 15-34); that they lie in 16 bytes as `RMP_FIELDS` says is what Milan and Genoa do.
 */
export interface RmpEntry {
  readonly assigned: boolean;
  /** Page_Size: the entry is the head of a page of 2 MiB. */
  readonly large: boolean;
  readonly immutable: boolean;
  /** In the entry of the first page of 2 MiB: how many of the other 511 are assigned; 0 while it is one large page. */
  readonly subPageCount: number;
  /** Guest physical address, below 2^51 and a multiple of 4096; firmware pages keep a mark there (`pageState.ts`). */
  readonly gpa: number;
  /** 0: the firmware's, or nobody's. */
  readonly asid: number;
  readonly vmsa: boolean;
  readonly validated: boolean;
  readonly lock: boolean;
  /** A byte for each VMPL, VMPL0 lowest: see `permissions.ts`. 32 bits. */
  readonly permissions: number;
  /** Implicit_Key_Select: the key of persistent memory. */
  readonly persistentKey: boolean;
  readonly reserved: number;
  readonly rootPort: number;
  readonly ideStream: number;
  readonly migration: number;
}

const field = (lsb: number, width: number, help: string) => ({ lsb, width, help }) as const;

/**
 * Where the fields lie in an entry of Milan and Genoa, bits from 0 of 16 little-endian bytes (AMD-ASPFW sev_rmp.h; Linux
 * arch/x86/virt/svm/sev.c, which calls bits 11:3 and 63 reserved). Turin’s entries are not published; software reads them
 * with RMPREAD, so here they lie in the same way (modelled).
 */
export const RMP_FIELDS = {
  assigned: field(0, 1, 'the page belongs to a guest or to the firmware'),
  large: field(1, 1, 'page_size: 0 4 KiB, 1 2 MiB'),
  immutable: field(2, 1, 'software cannot change the entry'),
  subPageCount: field(
    3,
    9,
    'sub_page_count: other assigned pages of the 2 MiB, in the entry of their first page',
  ),
  gpa: field(12, 39, 'guest physical address, bits 50:12'),
  asid: field(51, 10, 'guest that owns the page'),
  vmsa: field(61, 1, 'VMRUN may take a vCPU’s registers from the page'),
  validated: field(62, 1, 'the guest has accepted the page'),
  lock: field(63, 1, 'the firmware writes lock = immutable, but not in HV-fixed entries'),
  vmpl0: field(64, 8, 'permissions of VMPL0'),
  vmpl1: field(72, 8, 'permissions of VMPL1'),
  vmpl2: field(80, 8, 'permissions of VMPL2'),
  vmpl3: field(88, 8, 'permissions of VMPL3'),
  persistentKey: field(96, 1, 'implicit_key_select: 1 the key of persistent memory'),
  reserved: field(97, 16, 'reserved'),
  rootPort: field(113, 5, 'root_port_id, unused on Genoa'),
  ideStream: field(118, 8, 'pcie_ide_stream_id, unused on Genoa'),
  migration: field(126, 2, 'page_migration'),
} as const;

export const ENTRY_BYTES = 16;

/** All zero: the page is the hypervisor's. */
export const EMPTY: RmpEntry = {
  assigned: false,
  large: false,
  immutable: false,
  subPageCount: 0,
  gpa: 0,
  asid: 0,
  vmsa: false,
  validated: false,
  lock: false,
  permissions: 0,
  persistentKey: false,
  reserved: 0,
  rootPort: 0,
  ideStream: 0,
  migration: 0,
};

/** An entry with these fields, the others zero. */
export const rmpEntry = (fields: Partial<RmpEntry>): RmpEntry => ({ ...EMPTY, ...fields });

/** What the rest of a large page's entries hold: assigned, and nothing else (AMD-ASPFW snp_mcmd_page_unsmash; modelled). */
export const PLACEHOLDER = rmpEntry({ assigned: true });

/** Where the GPA lies in the two lower words. */
export const GPA_LOW = 0xfffff000;
export const GPA_HIGH = 0x7ffff;

/** The 16 bytes of an entry. Fields that are too wide lose their upper bits. */
export function packEntry(entry: RmpEntry): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ENTRY_BYTES);
  packInto(bytes, 0, entry);
  return bytes;
}

/** The same into a table of entries. */
export function packInto(table: Uint8Array, offset: number, entry: RmpEntry): void {
  const { gpa } = entry;
  const view = new DataView(table.buffer, table.byteOffset + offset, ENTRY_BYTES);
  const low =
    Number(entry.assigned) |
    (Number(entry.large) << 1) |
    (Number(entry.immutable) << 2) |
    ((entry.subPageCount & 0x1ff) << 3) |
    (gpa & GPA_LOW);
  const high =
    (Math.floor(gpa / 2 ** 32) & GPA_HIGH) |
    ((entry.asid & 0x3ff) << 19) |
    (Number(entry.vmsa) << 29) |
    (Number(entry.validated) << 30) |
    (Number(entry.lock) << 31);
  const upper =
    Number(entry.persistentKey) |
    ((entry.reserved & 0xffff) << 1) |
    ((entry.rootPort & 0x1f) << 17) |
    ((entry.ideStream & 0xff) << 22) |
    ((entry.migration & 0x3) << 30);
  view.setInt32(0, low, true);
  view.setInt32(4, high, true);
  view.setUint32(8, entry.permissions, true);
  view.setInt32(12, upper, true);
}

/** The entry in 16 bytes from an offset on. */
export function unpackEntry(bytes: Uint8Array, offset = 0): RmpEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, ENTRY_BYTES);
  const low = view.getUint32(0, true);
  const high = view.getUint32(4, true);
  const upper = view.getUint32(12, true);
  return {
    assigned: (low & 1) !== 0,
    large: (low & 2) !== 0,
    immutable: (low & 4) !== 0,
    subPageCount: (low >>> 3) & 0x1ff,
    gpa: (high & GPA_HIGH) * 2 ** 32 + ((low & GPA_LOW) >>> 0),
    asid: (high >>> 19) & 0x3ff,
    vmsa: (high & (2 ** 29)) !== 0,
    validated: (high & (2 ** 30)) !== 0,
    lock: high >>> 31 !== 0,
    permissions: view.getUint32(8, true),
    persistentKey: (upper & 1) !== 0,
    reserved: (upper >>> 1) & 0xffff,
    rootPort: (upper >>> 17) & 0x1f,
    ideStream: (upper >>> 22) & 0xff,
    migration: upper >>> 30,
  };
}
