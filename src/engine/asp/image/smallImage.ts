import { concatBytes } from '@noble/hashes/utils.js';
import { PAGE_SIZE } from '../../core/address';
import { u32 } from '../../core/bytes';
import { GUID_BYTES, guidBytes } from './guid';
import { SECTION_KINDS, type SectionKind } from './sevMetadata';

const PAGES = 16;
/** From the metadata to the end of the image. */
const DISTANCE = 0x600;
/** Behind the table lies the reset vector. */
const BEHIND_TABLE = 32;

/** Where a guest starts in real mode: a jump to itself. */
const RESET_VECTOR = Uint8Array.of(0xeb, 0xfe);

const SECTIONS: readonly (readonly [gpa: number, pages: number, kind: SectionKind])[] = [
  [0x800000, 9, 'SNP_SEC_MEM'],
  [0x80a000, 3, 'SNP_SEC_MEM'],
  [0x80d000, 1, 'SNP_SECRETS'],
  [0x80e000, 1, 'CPUID'],
  [0x810000, 1, 'SNP_KERNEL_HASHES'],
  [0x811000, 15, 'SNP_SEC_MEM'],
];

const ENTRIES: readonly (readonly [guid: string, data: Uint8Array])[] = [
  ['dc886566-984a-4798-a75e-5585a7bf67cc', u32(DISTANCE)],
  ['7255371f-3a3b-4b04-927b-1da6efa8d454', concatBytes(u32(0x810c00), u32(0x400))],
  ['4c2eb361-7d9b-4cc3-8081-127c90d3d294', concatBytes(u32(0x810000), u32(0xc00))],
  ['00f771de-1a7e-4fcb-890e-68c77e2fb44e', u32(0x80b004)],
];
const TABLE = '96b582de-1fb2-45f7-baea-a366c55a082d';

function tableBytes(): Uint8Array {
  const tail = (length: number, guid: string) =>
    concatBytes(Uint8Array.of(length, length >> 8), guidBytes(guid));
  const entries = ENTRIES.map(([guid, data]) => concatBytes(data, tail(data.length + 2 + GUID_BYTES, guid)));
  const total = entries.reduce((sum, { length }) => sum + length, 0) + 2 + GUID_BYTES;
  return concatBytes(...entries, tail(total, TABLE));
}

const metadataBytes = (): Uint8Array =>
  concatBytes(
    new TextEncoder().encode('ASEV'),
    u32(16 + 12 * SECTIONS.length),
    u32(1),
    u32(SECTIONS.length),
    ...SECTIONS.map(([gpa, pages, kind]) =>
      concatBytes(u32(gpa), u32(pages * PAGE_SIZE), u32(SECTION_KINDS[kind])),
    ),
  );

/**
 * A firmware image of 64 KiB that can be measured: footer table, SEV metadata and a reset vector as OVMF has them, and
 * numbers in place of code (modelled: it was made for this simulator and boots nothing).
 */
export function smallImage(): Uint8Array<ArrayBuffer> {
  const image = Uint8Array.from({ length: PAGES * PAGE_SIZE }, (_, i) => 7 * i + 3 + (i >> 8) + (i >> 12));
  const table = tableBytes();
  image.set(metadataBytes(), image.length - DISTANCE);
  image.set(table, image.length - BEHIND_TABLE - table.length);
  image.set(RESET_VECTOR, image.length - 16);
  return image;
}
