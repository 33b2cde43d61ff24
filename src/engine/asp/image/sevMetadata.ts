import { hex, PAGE_SIZE } from '../../core/address';
import { readU32 } from '../../core/bytes';
import { type Outcome, ok, refuse } from '../../core/fault';
import { type FirmwareTable, metadataDistance } from './firmwareTable';
import { IMAGE_RULES } from './rules';

/** What a section is for (edk2 OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm). */
export const SECTION_KINDS = {
  SNP_SEC_MEM: 1,
  SNP_SECRETS: 2,
  CPUID: 3,
  SVSM_CAA: 4,
  SNP_KERNEL_HASHES: 0x10,
} as const;

export type SectionKind = keyof typeof SECTION_KINDS;

/** Memory that the image wants its hypervisor to hand over in a certain way before the guest starts. */
export interface SevSection {
  readonly kind: SectionKind;
  /** A multiple of 4096. */
  readonly gpa: number;
  readonly pages: number;
}

const SIGNATURE = [...'ASEV'].map((letter) => letter.charCodeAt(0));
const VERSION = 1;
const HEAD_BYTES = 16;
const SECTION_BYTES = 12;
const MOST_SECTIONS = 1024;
/** All sections together: 64 MiB. */
const MOST_PAGES = 16384;

/** @param offset in the image; null: before it. */
const broken = (message: string, length: number, offset: number | null) =>
  refuse(
    IMAGE_RULES.metadata,
    'refused',
    message,
    { imageBytes: length, offset },
    'An image whose SEV metadata are whole would be read.',
  );

const wrong = (section: number, offset: number, message: string) =>
  refuse(
    IMAGE_RULES.section,
    'refused',
    `Section ${section} of the SEV metadata ${message}.`,
    { section, offset },
    'An image with whole pages of known kinds would be measured.',
  );

const tooMuch = (offset: number, message: string) =>
  refuse(
    IMAGE_RULES.size,
    'refused',
    `The sections of the SEV metadata ${message}.`,
    { offset },
    `Up to ${MOST_SECTIONS} sections of together ${MOST_PAGES} pages would be measured.`,
  );

/** @param at where it lies in the image. */
function sectionAt(image: Uint8Array, index: number, at: number): Outcome<SevSection> {
  const [gpa, size, value] = [readU32(image, at), readU32(image, at + 4), readU32(image, at + 8)];
  const kind = (Object.keys(SECTION_KINDS) as SectionKind[]).find((name) => SECTION_KINDS[name] === value);
  if (!kind) return wrong(index, at + 8, `is of kind ${value}, which is not known`);
  if (gpa % PAGE_SIZE !== 0) return wrong(index, at, `starts at ${hex(gpa)}, inside a page`);
  if (size % PAGE_SIZE !== 0)
    return wrong(index, at + 4, `is ${hex(size)} bytes long, not a whole number of pages`);
  return ok({ kind, gpa, pages: size / PAGE_SIZE });
}

/** Where section `index` of the metadata lies in the image. */
export const sectionOffset = (image: Uint8Array, distance: number, index: number): number =>
  image.length - distance + HEAD_BYTES + index * SECTION_BYTES;

/** The sections of an image’s SEV metadata in their order; none when its table does not point to metadata. */
export function sevSections(image: Uint8Array, table: FirmwareTable): Outcome<readonly SevSection[]> {
  const distance = metadataDistance(table);
  if (distance === null) return ok([]);
  const start = image.length - distance;
  if (start < 0 || distance < HEAD_BYTES)
    return broken(
      `The SEV metadata are said to lie ${distance} bytes before the end of the image.`,
      image.length,
      start < 0 ? null : start,
    );
  if (SIGNATURE.some((byte, i) => image[start + i] !== byte) || readU32(image, start + 8) !== VERSION)
    return broken(
      `There are no SEV metadata of version 1 ${distance} bytes before the end of the image.`,
      image.length,
      start,
    );
  const count = readU32(image, start + 12);
  if (count * SECTION_BYTES > distance - HEAD_BYTES)
    return broken(
      `The SEV metadata are said to have ${count} sections, beyond the image.`,
      image.length,
      start + 12,
    );
  if (count > MOST_SECTIONS) return tooMuch(start + 12, `are ${count} in number`);
  return sectionsOf(image, distance, count);
}

function sectionsOf(image: Uint8Array, distance: number, count: number): Outcome<readonly SevSection[]> {
  const sections: SevSection[] = [];
  let pages = 0;
  for (let i = 0; i < count; i++) {
    const at = sectionOffset(image, distance, i);
    const section = sectionAt(image, i, at);
    if (!section.ok) return section;
    sections.push(section.value);
    pages += section.value.pages;
    if (pages > MOST_PAGES) return tooMuch(at + 4, `are ${pages} pages or more`);
  }
  return ok(sections);
}
