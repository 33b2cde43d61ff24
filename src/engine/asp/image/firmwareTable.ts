import { readU32 } from '../../core/bytes';
import { type Outcome, ok, refuse } from '../../core/fault';
import { GUID_BYTES, guidText } from './guid';
import { IMAGE_RULES } from './rules';

/** Entries of an image's table that matter to encrypted guests (edk2 OvmfPkg; virtee/sev-snp-measure ovmf.py). */
const TABLE = '96b582de-1fb2-45f7-baea-a366c55a082d';
const RESET_BLOCK = '00f771de-1a7e-4fcb-890e-68c77e2fb44e';
const HASHES = '7255371f-3a3b-4b04-927b-1da6efa8d454';
const METADATA = 'dc886566-984a-4798-a75e-5585a7bf67cc';

/** The table ends so many bytes before the end of the image: behind it lies the reset vector. */
const BEHIND_TABLE = 32;
/** Each entry ends in its length, two bytes, and its GUID. */
const TAIL_BYTES = 2 + GUID_BYTES;

/** The data of an image's entries, by GUID. */
export type FirmwareTable = ReadonlyMap<string, Uint8Array>;

/** An entry where it lies. */
export interface TableEntry {
  readonly guid: string;
  /** Of its data in the image; its length and GUID follow them. */
  readonly offset: number;
  readonly data: Uint8Array;
}

/** What entries are for whose GUIDs are known here. */
export const ENTRY_NAMES: Readonly<Record<string, string>> = {
  [RESET_BLOCK]: 'SEV-ES reset block',
  [HASHES]: 'Table of kernel hashes',
  [METADATA]: 'SEV metadata',
  '4c2eb361-7d9b-4cc3-8081-127c90d3d294': 'Secrets of a SEV guest',
  'e47a6535-984a-4798-865e-4685a7bf8ec2': 'TDX metadata',
};

/** @param offset of the length in the image. */
const broken = (message: string, length: number, offset: number) =>
  refuse(
    IMAGE_RULES.table,
    'refused',
    message,
    { length, offset },
    'An image whose table is whole would be read.',
  );

const guidBefore = (image: Uint8Array, at: number): string => guidText(image.subarray(at - GUID_BYTES, at));

/** Does an image end as firmware with a table does? */
const hasFirmwareTable = (image: Uint8Array): boolean =>
  image.length >= BEHIND_TABLE + TAIL_BYTES && guidBefore(image, image.length - BEHIND_TABLE) === TABLE;

/** The entries of the table at the end of a firmware image, read backwards: the last comes first; none without a table. */
export function tableEntries(image: Uint8Array): Outcome<readonly TableEntry[]> {
  const entries: TableEntry[] = [];
  const end = image.length - BEHIND_TABLE;
  const lengthBefore = (at: number) =>
    (image[at - TAIL_BYTES] ?? 0) | ((image[at - TAIL_BYTES + 1] ?? 0) << 8);
  if (!hasFirmwareTable(image)) return ok(entries);
  const total = lengthBefore(end);
  const start = end - total;
  if (total < TAIL_BYTES || start < 0)
    return broken(
      `The table says that it is ${total} bytes long, and ${end} bytes lie before its end.`,
      total,
      end - TAIL_BYTES,
    );
  for (let at = end - TAIL_BYTES; at > start; ) {
    const length = at - start < TAIL_BYTES ? 0 : lengthBefore(at);
    if (length < TAIL_BYTES || length > at - start)
      return broken(
        `An entry says that it is ${length} bytes long, with ${at - start} left in the table.`,
        length,
        Math.max(start, at - TAIL_BYTES),
      );
    const guid = guidBefore(image, at);
    entries.push({ guid, offset: at - length, data: image.slice(at - length, at - TAIL_BYTES) });
    at -= length;
  }
  return ok(entries);
}

/** The table of a firmware image, empty when there is none. Of two entries with one GUID the later counts. */
export function readFirmwareTable(image: Uint8Array): Outcome<FirmwareTable> {
  const entries = tableEntries(image);
  if (!entries.ok) return entries;
  return ok(new Map(entries.value.map(({ guid, data }) => [guid, data] as const).reverse()));
}

/** A 32-bit number at the start of an entry's data; null when there is no such entry, or it is too short. */
function numberIn(table: FirmwareTable, guid: string): number | null {
  const data = table.get(guid);
  return data && data.length >= 4 ? readU32(data, 0) : null;
}

/** Address at which every processor but the first starts (EIP with its CS base), from the SEV-ES reset block. */
export const apResetAddress = (table: FirmwareTable): number | null => numberIn(table, RESET_BLOCK);

/** GPA at which the image expects the table of kernel hashes; null when it expects none. */
export const hashesTableGpa = (table: FirmwareTable): number | null => numberIn(table, HASHES) || null;

/** Bytes from the image’s SEV metadata to its end; null when it has none. */
export const metadataDistance = (table: FirmwareTable): number | null => numberIn(table, METADATA);
