import type { SNP_PLATFORM_ROWS } from '../../../engine/asp/layouts/snpPlatform';
import { vcekStick, wrapVlek } from '../../../engine/asp/snp/attestationKeys';
import { committedTcb, reportedTcb } from '../../../engine/asp/snp/tcb';
import { filler } from '../lab';
import { spoiled } from '../owner';
import type { Parameters, Request } from '../parameters';

const VLEK = { iv: 12, sticks: 0x180, tag: 0x1a0 } as const;

/** A key as AMD's service wraps it for the chip, or wrong in one respect. */
function wrappedVlek({ lab: { p } }: Parameters, how: string): Uint8Array {
  const tcb = how === 'badtcb' ? reportedTcb(p) ^ 1n : reportedTcb(p);
  const wrapped = wrapVlek(filler('vlek iv', VLEK.iv), filler('vlek', VLEK.sticks), tcb, vcekStick(p));
  return how === 'badtag' ? spoiled(wrapped, VLEK.tag) : wrapped;
}

/** The committed TCB version with another boot loader; 0 when none is named. */
function requestedTcb(of: Parameters): bigint {
  if (!of.has('tcb')) return 0n;
  return (committedTcb(of.lab.p) & ~0xffn) | BigInt(of.number('tcb', 0));
}

/** What the platform commands of SNP are sent. */
export const PLATFORM_REQUESTS: { readonly [N in keyof typeof SNP_PLATFORM_ROWS]: Request } = {
  SNP_INIT: () => ({}),
  SNP_SHUTDOWN: () => ({}),
  SNP_DF_FLUSH: () => ({}),
  SNP_DLFW_CONTINUE: () => ({}),
  SNP_PLATFORM_STATUS: (of) => ({ STATUS_PADDR: of.at('addr', 'D0') }),
  SNP_INIT_EX: (of) => ({
    FLAGS: of.number('init_rmp', 1) | (of.number('list_en', 0) << 1),
    reserved: of.number('rsvd', 0),
    LIST_PADDR: of.at('list', 'D5'),
  }),
  SNP_SHUTDOWN_EX: (of) => ({
    LENGTH: of.number('len', 8),
    FLAGS: of.number('iommu', 1) | (of.number('x86', 0) << 1) | (of.number('rsvd', 0) << 2),
  }),
  SNP_CONFIG: (of) => ({
    REPORTED_TCB: requestedTcb(of),
    FLAGS: of.number('mask', 0),
    reserved: of.number('rsvd', 0),
  }),
  SNP_COMMIT: (of) => ({ LENGTH: of.number('len', 4) }),
  SNP_DOWNLOAD_FIRMWARE_EX: (of) => ({
    LENGTH: of.number('len', 0x18),
    reserved: of.number('rsvd', 0),
    FW_PADDR: of.at('addr', 'D0'),
    FW_LEN: 4096,
  }),
  SNP_VLEK_LOAD: (of) => {
    const at = of.at('addr', 'D0');
    of.lab.poke(at, wrappedVlek(of, of.text('how', 'good')));
    return {
      LENGTH: of.number('len', 0x10),
      VLEK_WRAPPED_VERSION: of.number('ver', 0),
      reserved: of.number('rsvd', 0),
      VLEK_WRAPPED_PADDR: at,
    };
  },
  SNP_FEATURE_INFO: (of) => ({
    LENGTH: of.number('len', 0x10),
    ECX_IN: of.number('ecx', 0),
    FEATURE_INFO_PADDR: of.at('addr', 'D0'),
  }),
};
