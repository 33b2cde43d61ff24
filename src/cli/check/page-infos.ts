import { z } from 'zod';
import { extendDigest } from '../../engine/asp/snp/launchDigest';
import { encodePageInfo, PAGE_CONTENTS, type PageRecord, pageTypeOf } from '../../engine/asp/snp/pageInfo';
import { PAGE_SIZE } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { address, hexBytes, hexOf, u8 } from './fields';
import { constructed } from './launch-inputs';
import { hasEntryWith, isRecord, type Recogniser, runSection } from './result';
import { sentence } from './tables';

const row = z.object({
  page_type: u8,
  gpa: address,
  imi: z.literal([0, 1]).default(0),
  vmpl1_perms: u8.default(0),
  vmpl2_perms: u8.default(0),
  vmpl3_perms: u8.default(0),
  ld_before: hexOf(48),
  page: sentence.nullish(),
  contents: hexBytes.optional(),
  page_info_hex: hexBytes.optional(),
  ld_after: hexBytes,
});

/** Single steps of a launch digest, in the format of `page_info_unit` of `launch-digest.json`. */
export const pageInfos = {
  name: 'page records of a launch',
  recognises: (json: unknown) => isRecord(json) && hasEntryWith(json.page_info_unit, 'page_type', 'ld_after'),
  run: (json: unknown) =>
    runSection(json, 'page_info_unit', row, (c, compare) => {
      const type = pageTypeOf(c.page_type);
      if (!type) throw new Error(`page_type: ${c.page_type} is none`);
      const page = c.page == null ? new Uint8Array(PAGE_SIZE) : constructed(c.page, PAGE_SIZE);
      const record: PageRecord = {
        type,
        gpa: c.gpa,
        contents: PAGE_CONTENTS[type](page),
        permissions: [c.vmpl1_perms, c.vmpl2_perms, c.vmpl3_perms],
        imi: c.imi === 1,
      };
      if (c.contents) compare('contents', toHex(c.contents), toHex(record.contents));
      if (c.page_info_hex)
        compare('page_info_hex', toHex(c.page_info_hex), toHex(encodePageInfo(c.ld_before, record)));
      compare('ld_after', toHex(c.ld_after), toHex(extendDigest(c.ld_before, record)));
    }),
} satisfies Recogniser;
