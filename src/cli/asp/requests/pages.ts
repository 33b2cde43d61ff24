import type { SNP_PAGE_ROWS } from '../../../engine/asp/layouts/snpPages';
import type { Fields, Parameters, Request } from '../parameters';

const isLarge = (of: Parameters): number => (of.text('size', '4K') === '2M' ? 1 : 0);

function swap(of: Parameters, source: string, destination: string): Fields {
  const flags =
    isLarge(of) |
    (of.number('type', 0) << 1) |
    (of.number('inplace', 0) << 3) |
    (of.number('root', 0) << 4) |
    (of.number('rsvd', 0) << 5);
  return {
    GCTX_PADDR: of.at('gctx', 'G1'),
    SRC_PADDR: of.at('src', source),
    DST_PADDR: of.at('dst', destination),
    MDATA_PADDR: of.at('mdata', 'P2'),
    FLAGS: flags,
  };
}

/** What the commands for pages of SNP are sent. */
export const PAGE_REQUESTS: { readonly [N in keyof typeof SNP_PAGE_ROWS]: Request } = {
  SNP_PAGE_SWAP_OUT: (of) => swap(of, 'P0', 'P1'),
  SNP_PAGE_SWAP_IN: (of) => swap(of, 'P1', 'P0'),
  SNP_PAGE_MOVE: (of) => ({
    GCTX_PADDR: of.at('gctx', 'G1'),
    FLAGS: isLarge(of),
    reserved: of.number('rsvd', 0),
    SRC_PADDR: of.at('src', 'P0'),
    DST_PADDR: of.at('dst', 'P1'),
  }),
  SNP_PAGE_MD_INIT: (of) => ({ GCTX_PADDR: of.at('gctx', 'G1'), PAGE_PADDR: of.at('page', 'P2') }),
  SNP_PAGE_SET_STATE: (of) => ({
    LENGTH: of.number('len', 0x10),
    reserved: of.number('rsvd', 0),
    LIST_PADDR: of.at('list', 'D5'),
  }),
  SNP_PAGE_RECLAIM: (of) => ({ PAGE_PADDR: of.at('page', 'P0') + isLarge(of) }),
  SNP_PAGE_UNSMASH: (of) => ({ PAGE_PADDR: of.at('page', 'B0') + isLarge(of) }),
};
