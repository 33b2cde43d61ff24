import { concatBytes } from '@noble/hashes/utils.js';
import type { Platform } from '../../core/platform';
import { clearWbinvd, wbinvdDone } from '../../cpu/wbinvd';
import { cleanAsids, releaseAsid } from '../asids';
import type { Call } from '../call';
import { copyable, misaligned } from '../checks/address';
import { writable } from '../checks/pages';
import { neverHere, platformIn } from '../checks/platform';
import { type Check, type CommandDefinition, command } from '../command';
import { guestContext, liveHandles } from '../guests';
import { chipId } from '../identity';
import { eraseStored } from '../persist';
import { FIRMWARE, PLATFORM_STATES, patchPlatform, platformOf } from '../platform';
import { leaveRing } from '../ring';
import { releaseRegion, startRegion } from '../tmr';

/** The platform as a whole: everything that needs no guest and no certificate. */

export const NOP = command({
  id: 0x00e,
  name: 'NOP',
  purpose: 'Nothing; it only answers.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_nop)',
  writes: 'nothing',
  checks: [],
  run: () => {},
});

/** With SNP up, its guests go on, so only the ASIDs of SEV guests are given back. */
function retire(p: Platform, handle: number): void {
  const asid = guestContext(p, handle)?.asid ?? 0;
  if (asid !== 0) clearWbinvd(p, releaseAsid(p, asid));
}

export const SHUTDOWN = command({
  id: 0x002,
  name: 'SHUTDOWN',
  purpose: 'Stop the platform; all guests are forgotten.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_shutdown), sev_plat.c (sev_clear)',
  writes: 'nothing',
  checks: [
    neverHere(
      'unclear',
      'the platform’s context cannot be cleared',
      'HARDWARE_UNSAFE',
      'AMD-ASPFW sev_plat.c (sev_clear)',
    ),
  ],
  run: ({ p }) => {
    const { snp, sev } = platformOf(p);
    if (sev === 'UNINIT') return;
    releaseRegion(p);
    for (const handle of liveHandles(p)) {
      if (snp === 'INIT') retire(p, handle);
      p.trace.set('handle', handle, null);
    }
    patchPlatform(p, { sev: 'UNINIT', es: false, guests: 0, identity: null, tmr: null, nv: null });
    if (snp === 'UNINIT') leaveRing(p);
  },
});

export const PLATFORM_RESET = command({
  id: 0x003,
  name: 'PLATFORM_RESET',
  purpose: 'Erase the platform’s identity from the flash memory.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_platform_reset)',
  writes: 'nothing',
  checks: [
    platformIn('UNINIT'),
    neverHere(
      'not-erased',
      'the flash memory cannot be erased',
      'HARDWARE_PLATFORM',
      'AMD-ASPFW sev_persistent.c',
    ),
  ],
  run: ({ p }) => eraseStored(p, null),
});

export const PLATFORM_STATUS = command({
  id: 0x004,
  name: 'PLATFORM_STATUS',
  purpose: 'Tell version, state, owner, SEV-ES and the number of guests.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_platform_status)',
  writes: 'buffer',
  readsNothing: true,
  checks: [],
  run: (call) => {
    const { sev, es, guests, identity } = call.platform;
    call.answer('API_MAJOR', FIRMWARE.major);
    call.answer('API_MINOR', FIRMWARE.minor);
    call.answer('BUILD_ID', FIRMWARE.build);
    call.answer('STATE', PLATFORM_STATES[sev]);
    call.answer('OWNER', identity?.imported ? 1 : 0);
    call.answer('CONFIG', es ? 1 : 0);
    call.answer('GUEST_COUNT', guests);
  },
});

/**
 * Complexes that count as written back. As the published code does it: the first core that is done counts for its whole
 * complex, although a comment there asks for all of them.
 */
function doneComplexes(p: Platform): { complexes: number; all: boolean } {
  const { threads } = p.config.topology;
  let complexes = 0;
  let all = true;
  for (let first = 0; first < p.state.tlbs.length; first += threads) {
    const done = Array.from({ length: threads }, (_, i) => wbinvdDone(p, first + i)).every(Boolean);
    if (done) complexes |= 1 << p.state.need('core', first).complex;
    else all = false;
  }
  return { complexes: complexes >>> 0, all };
}

const flush: Omit<CommandDefinition, 'id' | 'name' | 'purpose'> = {
  source: 'AMD-ASPFW sev_mcmd.c (mcmd_df_flush_common)',
  writes: 'nothing',
  first: ({ p }) => cleanAsids(p, doneComplexes(p).complexes),
  checks: [
    {
      id: 'asp.wbinvd-missing',
      says: 'some core has not executed WBINVD since its flag was cleared; complexes that are done were counted',
      status: 'WBINVD_REQUIRED',
      source: 'AMD-ASPFW sev_mcmd.c (mcmd_df_flush_common), sev_hal_interface.c (is_wbinvd_done)',
      holds: ({ p }) => !doneComplexes(p).all,
    },
    neverHere('fabric', 'the data fabric cannot be flushed', 'HARDWARE_PLATFORM', 'AMD-ASPFW df_regs.c'),
  ],
  run: ({ p }) => {
    if (platformOf(p).sev !== 'UNINIT') startRegion(p);
  },
};

export const DF_FLUSH = command({
  id: 0x00a,
  name: 'DF_FLUSH',
  purpose: 'Flush the data fabric, so that ASIDs that are no longer used become clean.',
  ...flush,
});

export const SNP_DF_FLUSH = command({
  id: 0x084,
  name: 'SNP_DF_FLUSH',
  purpose: 'The same as DF_FLUSH, under another number.',
  ...flush,
});

const ID_BYTES = 64;

/** Both chips of two sockets are told when exactly 128 bytes are asked for. */
const idBytes = (call: Call): number =>
  call.p.config.topology.sockets === 2 && call.int('ID_LEN') === 2 * ID_BYTES ? 2 * ID_BYTES : ID_BYTES;

export const GET_ID = command({
  id: 0x00c,
  name: 'GET_ID',
  purpose: 'Tell the chip’s number.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_get_id), sev_plat.c (sev_get_id)',
  writes: 'buffer and lengths',
  checks: [
    {
      id: 'asp.id-length',
      says: 'ID_LEN is below 64',
      status: 'INVALID_LENGTH',
      source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_get_id)',
      holds: (call) => call.int('ID_LEN') < ID_BYTES,
      refusing: (call) => call.answer('ID_LEN', ID_BYTES),
    },
    writable('the output buffer', ['ID_PADDR', 'ID_LEN']),
    copyable('the output buffer', ['ID_PADDR', idBytes]),
  ],
  run: (call) => {
    const ids = Array.from({ length: idBytes(call) / ID_BYTES }, (_, socket) => chipId(call.p, socket));
    call.copyOut('ID_PADDR', concatBytes(...ids));
    call.answer('ID_LEN', idBytes(call));
  },
});

/** The image's head, which is copied before the boot loader gets it (modelled: 256 bytes). */
const IMAGE_HEAD = 256;

/** What the boot loader finds wrong with an image. */
export const imageRefusals: readonly Check[] = [
  copyable('the image’s head', ['FW_PADDR', IMAGE_HEAD]),
  {
    id: 'asp.download-length',
    says: 'the image is shorter than its head',
    status: 'INVALID_LENGTH',
    source: 'modelled: what the boot loader tests is not published',
    standing: 'modelled',
    holds: (call) => call.int('FW_LEN') < IMAGE_HEAD,
  },
  {
    id: 'asp.download-signature',
    says: 'the boot loader finds no valid signature on the image',
    status: 'BAD_SIGNATURE',
    source: 'modelled: nobody but AMD can sign an image',
    standing: 'modelled',
    holds: () => true,
  },
];

export const DOWNLOAD_FIRMWARE = command({
  id: 0x00b,
  name: 'DOWNLOAD_FIRMWARE',
  purpose: 'Replace the firmware. The simulator has no signed images: each ends at its signature.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_download_firmware), sev_hal.c (sev_hal_cache_new_image)',
  writes: 'nothing',
  checks: [
    {
      id: 'asp.download-state',
      says: 'the platform is initialised, for SEV or for SNP',
      status: 'INVALID_PLATFORM_STATE',
      source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_download_firmware)',
      holds: ({ platform }) => platform.sev !== 'UNINIT' || platform.snp !== 'UNINIT',
    },
    misaligned(32, 'FW_PADDR'),
    ...imageRefusals,
  ],
  run: () => {},
});
