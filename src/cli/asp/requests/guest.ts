import type { SNP_GUEST_ROWS } from '../../../engine/asp/layouts/snpGuest';
import { contextAt } from '../../../engine/asp/snp/context';
import { PAGE_TYPES, type PageType } from '../../../engine/asp/snp/pageInfo';
import { identityFor } from '../identity';
import type { Fields, Parameters, Request } from '../parameters';
import { apicIds } from './legacy';
import { guestRequest } from './message';

/** Places that no trace names: an ID block, and who vouches for it. */
const SCRATCH = { block: 'D58', auth: 'D59' } as const;

const NOBODY = { digest: '00'.repeat(48), policy: '0x0' };

const context = (of: Parameters): Fields => ({ GCTX_PADDR: of.at('gctx', 'G1') });

/** A type by its name; an undefined one is 7. */
const pageType = (name: string): number =>
  Object.hasOwn(PAGE_TYPES, name) ? PAGE_TYPES[name as PageType] : 7;

const isLarge = (of: Parameters): number => (of.text('size', '4K') === '2M' ? 1 : 0);

function finish(of: Parameters): Fields {
  const { lab } = of;
  const how = of.text('idblock', 'none');
  const at = of.at('gctx', 'G1');
  if (how !== 'none') {
    const made = identityFor(contextAt(lab.p, BigInt(at)) ?? NOBODY, how);
    lab.poke(lab.address(SCRATCH.block), made.block);
    lab.poke(lab.address(SCRATCH.auth), made.auth);
  }
  return {
    GCTX_PADDR: at,
    ID_BLOCK_PADDR: lab.address(SCRATCH.block),
    ID_AUTH_PADDR: lab.address(SCRATCH.auth),
    FLAGS: (how === 'none' ? 0 : 1) | (of.number('authkey', 0) << 1) | (of.number('rsvd', 0) << 3),
  };
}

const debug = (of: Parameters): Fields => ({
  ...context(of),
  SRC_PADDR: of.at('src', 'P0'),
  DST_PADDR: of.at('dst', 'P1'),
});

/** What the commands for SNP guests are sent. */
export const GUEST_REQUESTS: { readonly [N in keyof typeof SNP_GUEST_ROWS]: Request } = {
  SNP_GCTX_CREATE: context,
  SNP_DECOMMISSION: context,
  SNP_GUEST_STATUS: (of) => ({ ...context(of), STATUS_PADDR: of.at('addr', 'D0') }),
  SNP_ACTIVATE: (of) => ({ ...context(of), ASID: of.number('asid', 1) }),
  SNP_ACTIVATE_EX: (of) => ({
    LENGTH: of.number('len', 0x20),
    reserved: of.number('rsvd', 0),
    ...context(of),
    ASID: of.number('asid', 1),
    ...apicIds(of),
  }),
  SNP_LAUNCH_START: (of) => ({
    ...context(of),
    POLICY: of.number('policy', 0x30000),
    MA_GCTX_PADDR: of.has('ma') ? of.at('ma', 'G2') : 0,
    FLAGS: (of.has('ma') ? 1 : 0) | (of.number('imi', 0) << 1) | (of.number('rsvd', 0) << 2),
  }),
  SNP_LAUNCH_UPDATE: (of) => ({
    ...context(of),
    FLAGS: isLarge(of) | (pageType(of.text('type', 'NORMAL')) << 1) | (of.number('imi', 0) << 4),
    reserved: of.number('rsvd', 0),
    PAGE_PADDR: of.at('page', 'P0'),
    VMPL_PERMS: of.number('vmpl1', 0) << 8,
  }),
  SNP_LAUNCH_FINISH: finish,
  SNP_GUEST_REQUEST: guestRequest,
  SNP_DBG_DECRYPT: debug,
  SNP_DBG_ENCRYPT: debug,
};
