import { concatBytes } from '@noble/hashes/utils.js';
import { u32, u64 } from '../../../core/bytes';
import { copyable } from '../../checks/address';
import { crossesPage, exactLength, outputPage, whileInitialised } from '../../checks/snp';
import { command } from '../../command';
import { FIRMWARE } from '../../platform';
import { snpOf } from '../../snp/state';
import { reportedTcb, runningTcb } from '../../snp/tcb';

/** What SNP tells about itself. */
const STATUS_BYTES = 0x20;
const STATES = { UNINIT: 0, INIT: 1 } as const;

export const SNP_PLATFORM_STATUS = command({
  id: 0x083,
  name: 'SNP_PLATFORM_STATUS',
  purpose: 'Tell version, state, TCB versions and the number of SNP guests.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_platform_status)',
  writes: 'nothing',
  checks: [
    crossesPage('STATUS_PADDR', STATUS_BYTES, 'INVALID_PARAM'),
    outputPage('STATUS_PADDR', whileInitialised),
    copyable('the output buffer', ['STATUS_PADDR', STATUS_BYTES]),
  ],
  run: (call) => {
    const { p, platform } = call;
    const { guests, vlek, maskChipId, maskChipKey } = snpOf(p);
    const head = [FIRMWARE.major, FIRMWARE.minor, STATES[platform.snp], platform.rmpInitialised ? 1 : 0];
    const features = (maskChipId ? 1 : 0) | (maskChipKey ? 2 : 0) | (vlek ? 4 : 0) | 8;
    call.copyOut(
      'STATUS_PADDR',
      concatBytes(
        Uint8Array.from(head),
        u32(FIRMWARE.build),
        u32(features),
        u32(guests),
        u64(runningTcb(p)),
        u64(reportedTcb(p)),
      ),
    );
  },
});

/** EAX, EBX, ECX and EDX of each sub-function (AMD-ASPFW sev_mcmd.h). */
const FEATURES: readonly (readonly number[])[] = [
  // Highest sub-function; SEV commands; VLEK and X86_SNP_SHUTDOWN.
  [1, 1, 3, 0],
  // One bit for each guest message.
  [0x1ff, 0, 0, 0],
];

const FEATURE_BYTES = 16;

export const SNP_FEATURE_INFO = command({
  id: 0x0ce,
  name: 'SNP_FEATURE_INFO',
  purpose: 'Tell which commands and guest messages there are, in the manner of CPUID.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_feature_info)',
  writes: 'nothing',
  checks: [
    exactLength(0x10),
    {
      id: 'asp.snp-feature-address',
      says: 'FEATURE_INFO_PADDR is no multiple of 4, or its 16 bytes cross a boundary of 4 KiB',
      status: 'INVALID_ADDRESS',
      source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_feature_info)',
      holds: (call) => {
        const offset = Number(call.address('FEATURE_INFO_PADDR') & 0xfffn);
        return offset % 4 !== 0 || offset + FEATURE_BYTES > 0x1000;
      },
    },
    outputPage('FEATURE_INFO_PADDR', whileInitialised),
    {
      id: 'asp.snp-feature-unknown',
      says: 'ECX_IN is above 1',
      status: 'INVALID_PARAM',
      source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_feature_info)',
      holds: (call) => call.int('ECX_IN') >= FEATURES.length,
    },
    copyable('the output buffer', ['FEATURE_INFO_PADDR', FEATURE_BYTES]),
  ],
  run: (call) => {
    const words = FEATURES[call.int('ECX_IN')] ?? [];
    call.copyOut('FEATURE_INFO_PADDR', concatBytes(...words.map(u32)));
  },
});
