import { type FirmwareTable, readFirmwareTable } from '../../engine/asp/image/firmwareTable';
import { SECTION_KINDS, sevSections } from '../../engine/asp/image/sevMetadata';
import { hex, PAGE_SIZE } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import type { Outcome } from '../../engine/core/fault';
import { compareImage, type ImageFile, imageNamed, imagesOf } from './launch-inputs';
import { type Compare, isRecord, type Recogniser, runCase } from './result';

function needed<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.fault.message);
  return outcome.value;
}

function compareTable(
  { footer_table, construction }: ImageFile,
  table: FirmwareTable,
  compare: Compare,
): void {
  const built = construction?.entries?.map(({ guid, data_hex }) => [guid, data_hex]) ?? [];
  for (const [guid = '', data = ''] of [...Object.entries(footer_table ?? {}), ...built]) {
    const found = table.get(guid);
    compare(`table entry ${guid}`, data, found ? toHex(found) : 'no such entry');
  }
}

type Sections = NonNullable<ImageFile['sections']>;

const inWords = (sections: Sections): string =>
  sections.map(({ gpa, size, type, name }) => `${name} (${type}) ${hex(gpa)}+${hex(size)}`).join(', ');

function compareSections(
  what: string,
  expected: Sections,
  bytes: Uint8Array,
  table: FirmwareTable,
  compare: Compare,
) {
  const found = needed(sevSections(bytes, table)).map(({ kind, gpa, pages }) => ({
    gpa,
    size: pages * PAGE_SIZE,
    type: SECTION_KINDS[kind],
    name: kind,
  }));
  compare(what, inWords(expected), inWords(found));
}

function checkImage(file: ImageFile, compare: Compare): void {
  compareImage(file, compare);
  const table = needed(readFirmwareTable(file.bytes));
  compareTable(file, table, compare);
  if (file.sections) compareSections('sections', file.sections, file.bytes, table, compare);
  const { sev_metadata: built } = file.construction ?? {};
  if (built !== undefined)
    compareSections('construction.sev_metadata', built?.sections ?? [], file.bytes, table, compare);
}

const isImage = (value: unknown): boolean =>
  isRecord(value) && ('data_zlib_base64' in value || 'tail_4096_zlib_base64' in value);

/** What firmware images say of themselves, in the format of `images` of `launch-digest.json`. */
export const launchImages = {
  name: 'firmware images',
  recognises: (json: unknown) => Object.values(imagesOf(json)).some(isImage),
  run: (json: unknown) =>
    Object.keys(imagesOf(json)).map((name) =>
      runCase(`images.${name}`, (compare) => checkImage(imageNamed(json, name), compare)),
    ),
} satisfies Recogniser;
