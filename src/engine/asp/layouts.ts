/**
 * The command buffers of the legacy commands as structures in memory: little-endian, packed (AMD-ASPFW sev_mcmd.h; Linux
 * include/linux/psp-sev.h). The screen opens a buffer with the same table.
 */
export interface Field {
  readonly name: string;
  /** Bytes from the start of the buffer. */
  readonly offset: number;
  readonly size: number;
  readonly meaning: string;
}

/** Each field: name, size, meaning; offsets follow from the order. */
type Row = readonly [name: string, size: number, meaning: string];

const RESERVED = 'reserved';

const HANDLE_ONLY = [['HANDLE', 4, 'the guest']] as const satisfies readonly Row[];

const PACKET = [
  ['HANDLE', 4, 'the guest'],
  ['reserved', 4, RESERVED],
  ['HDR_PADDR', 8, 'packet header: FLAGS, IV, MAC'],
  ['HDR_LEN', 4, '0x34'],
  ['reserved2', 4, RESERVED],
  ['GUEST_PADDR', 8, 'guest memory, 16-byte aligned'],
  ['GUEST_LEN', 4, 'its bytes'],
  ['reserved3', 4, RESERVED],
  ['TRANS_PADDR', 8, 'the packet’s data, encrypted for transport'],
  ['TRANS_LEN', 4, 'its bytes'],
] as const satisfies readonly Row[];

const rows = {
  INIT: [
    ['FLAGS', 2, 'bit 0: with SEV-ES; the others 0'],
    ['reserved', 6, RESERVED],
    ['TMR_PADDR', 8, 'trusted memory region for SEV-ES'],
    ['TMR_LENGTH', 4, 'its bytes: 1 MiB, or 2 MiB once the RMP is initialised'],
  ],
  SHUTDOWN: [],
  PLATFORM_RESET: [],
  PLATFORM_STATUS: [
    ['API_MAJOR', 1, 'out'],
    ['API_MINOR', 1, 'out'],
    ['STATE', 1, 'out: 0 UNINIT, 1 INIT, 2 WORKING'],
    ['OWNER', 1, 'out: bit 0, an owner has claimed the platform'],
    ['CONFIG', 2, 'out: bit 0, SEV-ES is on'],
    ['reserved', 1, RESERVED],
    ['BUILD_ID', 1, 'out'],
    ['GUEST_COUNT', 4, 'out: live guests'],
  ],
  PEK_GEN: [],
  PEK_CSR: [
    ['CSR_PADDR', 8, 'output: the request'],
    ['CSR_LEN', 4, 'in and out: 0x824'],
  ],
  PEK_CERT_IMPORT: [
    ['PEK_PADDR', 8, 'signed PEK certificate'],
    ['PEK_LEN', 4, '0x824'],
    ['reserved', 4, RESERVED],
    ['OCA_PADDR', 8, 'certificate of the owner’s authority'],
    ['OCA_LEN', 4, '0x824'],
  ],
  PDH_CERT_EXPORT: [
    ['PDH_PADDR', 8, 'output: PDH certificate'],
    ['PDH_LEN', 4, 'in and out: 0x824'],
    ['reserved', 4, RESERVED],
    ['CERTS_PADDR', 8, 'output: PEK, OCA and CEK certificates'],
    ['CERTS_LEN', 4, 'in and out: 0x186c'],
  ],
  PDH_GEN: [],
  DF_FLUSH: [],
  DOWNLOAD_FIRMWARE: [
    ['FW_PADDR', 8, 'the image, 32-byte aligned'],
    ['FW_LEN', 4, 'its bytes'],
  ],
  GET_ID: [
    ['ID_PADDR', 8, 'output: the chip’s number'],
    ['ID_LEN', 4, 'in and out: 64 bytes a socket'],
  ],
  INIT_EX: [
    ['LENGTH', 4, '0x24, the size of this structure'],
    ['FLAGS', 2, 'bit 0: with SEV-ES; the others 0'],
    ['reserved', 2, RESERVED],
    ['TMR_PADDR', 8, 'trusted memory region for SEV-ES'],
    ['TMR_LENGTH', 4, 'its bytes: 1 MiB, or 2 MiB once the RMP is initialised'],
    ['reserved2', 4, RESERVED],
    ['NV_PADDR', 8, 'buffer for the persistent data, 4 KiB aligned; 0: the flash memory'],
    ['NV_LENGTH', 4, '32 KiB'],
  ],
  NOP: [],
  RING_BUFFER: [
    ['LO_CMD_PTR', 8, 'page of the low-priority queue'],
    ['LO_STATUS_PTR', 8, 'its status page'],
    ['HI_CMD_PTR', 8, 'page of the high-priority queue'],
    ['HI_STATUS_PTR', 8, 'its status page'],
    ['LO_SIZE', 1, 'pages: 1'],
    ['HI_SIZE', 1, 'pages: 0 or 1'],
    ['LO_THRESHOLD', 2, 'when the low queue counts as nearly empty'],
    ['HI_THRESHOLD', 2, 'the same for the high queue'],
    ['INT_ON_EMPTY', 2, 'bit 0: interrupt when empty'],
  ],
  DECOMMISSION: HANDLE_ONLY,
  ACTIVATE: [
    ['HANDLE', 4, 'the guest'],
    ['ASID', 4, 'the ASID'],
  ],
  DEACTIVATE: HANDLE_ONLY,
  GUEST_STATUS: [
    ['HANDLE', 4, 'in: the guest'],
    ['POLICY', 4, 'out: its policy'],
    ['ASID', 4, 'out: its ASID, 0 for none'],
    ['STATE', 1, 'out: its state, 0 for no guest'],
  ],
  COPY: [
    ['HANDLE', 4, 'the guest'],
    ['LENGTH', 4, 'bytes, whole pages'],
    ['SRC_PADDR', 8, 'where from, 4 KiB aligned'],
    ['DST_PADDR', 8, 'where to, 4 KiB aligned'],
  ],
  ACTIVATE_EX: [
    ['LENGTH', 4, '0x18, the size of this structure'],
    ['HANDLE', 4, 'the guest'],
    ['ASID', 4, 'the ASID'],
    ['NUMIDS', 4, 'how many APIC ids: 1 to 1024'],
    ['IDS_PADDR', 8, 'list of 32-bit APIC ids'],
  ],
  LAUNCH_START: [
    ['HANDLE', 4, 'in: 0 for a new key, or the guest whose key is shared; out: the new guest'],
    ['POLICY', 4, 'guest policy'],
    ['DH_CERT_PADDR', 8, 'the guest owner’s Diffie-Hellman certificate; 0: no session'],
    ['DH_CERT_LEN', 4, '0x824'],
    ['reserved', 4, RESERVED],
    ['SESSION_PADDR', 8, 'session buffer'],
    ['SESSION_LEN', 4, '0x80'],
  ],
  LAUNCH_UPDATE_DATA: [
    ['HANDLE', 4, 'the guest'],
    ['reserved', 4, RESERVED],
    ['PADDR', 8, 'the region, 16-byte aligned'],
    ['LENGTH', 4, 'its bytes, a multiple of 16'],
  ],
  LAUNCH_UPDATE_VMSA: [
    ['HANDLE', 4, 'the guest'],
    ['reserved', 4, RESERVED],
    ['PADDR', 8, 'the region, 16-byte aligned'],
    ['LENGTH', 4, '4096'],
  ],
  LAUNCH_MEASURE: [
    ['HANDLE', 4, 'the guest'],
    ['reserved', 4, RESERVED],
    ['MEASURE_PADDR', 8, 'output: measurement (32) and nonce (16)'],
    ['MEASURE_LEN', 4, 'in and out: 0x30'],
  ],
  LAUNCH_SECRET: PACKET,
  LAUNCH_FINISH: HANDLE_ONLY,
  ATTESTATION: [
    ['HANDLE', 4, 'the guest'],
    ['reserved', 4, RESERVED],
    ['PADDR', 8, 'output: the report'],
    ['MNONCE', 16, 'the caller’s nonce, repeated in the report'],
    ['LENGTH', 4, 'in and out: 0xd0'],
  ],
  SEND_START: [
    ['HANDLE', 4, 'the guest'],
    ['POLICY', 4, 'out: the guest’s policy'],
    ['PDH_CERT_PADDR', 8, 'PDH certificate of the other side'],
    ['PDH_CERT_LEN', 4, '0x824'],
    ['reserved', 4, RESERVED],
    ['PLAT_CERTS_PADDR', 8, 'the receiver’s PEK, OCA and CEK'],
    ['PLAT_CERTS_LEN', 4, '0x186c'],
    ['reserved2', 4, RESERVED],
    ['AMD_CERTS_PADDR', 8, 'ASK and ARK'],
    ['AMD_CERTS_LEN', 4, 'their bytes'],
    ['reserved3', 4, RESERVED],
    ['SESSION_PADDR', 8, 'output: session buffer'],
    ['SESSION_LEN', 4, '0x80'],
  ],
  SEND_UPDATE_DATA: PACKET,
  SEND_UPDATE_VMSA: PACKET,
  SEND_FINISH: HANDLE_ONLY,
  SEND_CANCEL: HANDLE_ONLY,
  RECEIVE_START: [
    ['HANDLE', 4, 'in: 0 for a new key, or the guest whose key is shared; out: the new guest'],
    ['POLICY', 4, 'guest policy'],
    ['PDH_CERT_PADDR', 8, 'PDH certificate of the other side'],
    ['PDH_CERT_LEN', 4, '0x824'],
    ['reserved', 4, RESERVED],
    ['SESSION_PADDR', 8, 'session buffer'],
    ['SESSION_LEN', 4, '0x80'],
  ],
  RECEIVE_UPDATE_DATA: PACKET,
  RECEIVE_UPDATE_VMSA: PACKET,
  RECEIVE_FINISH: HANDLE_ONLY,
  DBG_DECRYPT: [
    ['HANDLE', 4, 'the guest'],
    ['reserved', 4, RESERVED],
    ['SRC_PADDR', 8, 'guest memory, 16-byte aligned'],
    ['DST_PADDR', 8, 'host memory, 16-byte aligned'],
    ['LENGTH', 4, 'its bytes, a multiple of 16'],
  ],
  DBG_ENCRYPT: [
    ['HANDLE', 4, 'the guest'],
    ['reserved', 4, RESERVED],
    ['SRC_PADDR', 8, 'host memory, 16-byte aligned'],
    ['DST_PADDR', 8, 'guest memory, 16-byte aligned'],
    ['LENGTH', 4, 'its bytes, a multiple of 16'],
  ],
  SWAP_OUT: [
    ['HANDLE', 4, 'the guest'],
    ['FLAGS', 4, 'bit 0 PAGE_SIZE (1: 2 MiB), bits 2:1 PAGE_TYPE (0 data, 2 VMSA)'],
    ['SRC_PADDR', 8, 'where from'],
    ['DST_PADDR', 8, 'where to'],
    ['MDATA_PADDR', 8, '64-byte record about the page, aligned to 64'],
    ['SOFTWARE_DATA', 8, 'the host’s own 8 bytes, kept in the record'],
  ],
  SWAP_IN: [
    ['HANDLE', 4, 'the guest'],
    ['FLAGS', 4, 'bit 0 PAGE_SIZE (1: 2 MiB), bits 2:1 PAGE_TYPE (0 data, 2 VMSA), bit 3 SWAP_IN_PLACE'],
    ['SRC_PADDR', 8, 'where from'],
    ['DST_PADDR', 8, 'where to'],
    ['MDATA_PADDR', 8, '64-byte record about the page, aligned to 64'],
  ],
} as const satisfies Record<string, readonly Row[]>;

/** Names of the legacy commands. */
export type CommandName = keyof typeof rows;

/** The fields of every command's buffer, in order. */
export const LAYOUTS = Object.fromEntries(
  Object.entries(rows).map(([command, list]) => {
    let offset = 0;
    const fields = (list as readonly Row[]).map(([name, size, meaning]): Field => {
      offset += size;
      return { name, offset: offset - size, size, meaning };
    });
    return [command, fields];
  }),
) as unknown as { readonly [N in CommandName]: readonly Field[] };

/** Bytes of a command's buffer; 0 for a command without parameters. */
export const bufferSize = (command: CommandName): number => {
  const last = LAYOUTS[command].at(-1);
  return last ? last.offset + last.size : 0;
};

/** The values of a buffer's fields, by name. */
export type Values = Record<string, bigint>;

/** A buffer as bytes; fields that are not named are 0, values are cut to their field. @throws RangeError on an unknown name. */
export function packCommand(
  command: CommandName,
  values: Readonly<Record<string, number | bigint>>,
): Uint8Array {
  const fields = LAYOUTS[command];
  const out = new Uint8Array(bufferSize(command));
  for (const [name, value] of Object.entries(values)) {
    const field = fields.find((each) => each.name === name);
    if (!field) throw new RangeError(`${command} has no field ${name}`);
    let rest = BigInt.asUintN(8 * field.size, BigInt(value));
    for (let i = 0; i < field.size; i++, rest >>= 8n) out[field.offset + i] = Number(rest & 0xffn);
  }
  return out;
}

/** The fields of a buffer. @param bytes at least the buffer's size. */
export function unpackCommand(command: CommandName, bytes: Uint8Array): Values {
  const values: Values = {};
  for (const { name, offset, size } of LAYOUTS[command]) {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
    values[name] = value;
  }
  return values;
}
