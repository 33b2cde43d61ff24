import { toHex } from '../../../core/bytes';
import { copyable, misaligned } from '../../checks/address';
import { neverHere } from '../../checks/platform';
import { exactLength, reserved } from '../../checks/snp';
import { type Check, command } from '../../command';
import { unwrapVlek, VLEK_BYTES, vcekStick, vlekTcb } from '../../snp/attestationKeys';
import { patchSnp, snpOf, word } from '../../snp/state';
import { commitTcb, committedTcb, isAboveTcb, reportedTcb } from '../../snp/tcb';
import { imageRefusals } from '../platform';

/** Which firmware runs, what reports say of it, and with which key they are signed. */
export const SNP_CONFIG = command({
  id: 0x0c9,
  name: 'SNP_CONFIG',
  purpose: 'Set the TCB version that reports name, and whether they tell the chip.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_config)',
  writes: 'nothing',
  checks: [
    reserved('FLAGS bits 31:2 or the reserved field', ['FLAGS', 0xfffffffcn], ['reserved']),
    {
      id: 'asp.snp-config-tcb',
      says: 'REPORTED_TCB is above the committed TCB version',
      status: 'INVALID_PARAM',
      source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_config), sev_plat.c (tcb_compare_versions)',
      holds: (call) => {
        const { p } = call;
        const wanted = call.address('REPORTED_TCB');
        return wanted !== 0n && isAboveTcb(p.config.generation, wanted, committedTcb(p));
      },
    },
  ],
  run: (call) => {
    const reported = word(call.address('REPORTED_TCB') || committedTcb(call.p));
    patchSnp(call.p, {
      reportedTcb: reported,
      vcek: reported,
      maskChipId: (call.int('FLAGS') & 1) !== 0,
      maskChipKey: (call.int('FLAGS') & 2) !== 0,
    });
  },
});

export const SNP_COMMIT = command({
  id: 0x0cb,
  name: 'SNP_COMMIT',
  purpose: 'Make the running firmware the oldest one that can run here.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_commit)',
  writes: 'nothing',
  checks: [
    exactLength(4),
    neverHere('snp-commit-refused', 'the boot loader refuses', 'INVALID_CONFIG', 'AMD-ASPFW sev_hal.c'),
  ],
  run: ({ p }) => {
    commitTcb(p);
    patchSnp(p, { reportedTcb: null, vcek: word(committedTcb(p)) });
  },
});

export const SNP_DOWNLOAD_FIRMWARE_EX = command({
  id: 0x0ca,
  name: 'SNP_DOWNLOAD_FIRMWARE_EX',
  purpose:
    'Replace the firmware while SNP guests go on. The simulator has no signed images: each ends at its signature.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_download_firmware_ex), sev_hal.c (sev_hal_cache_new_image)',
  writes: 'nothing',
  checks: [
    {
      id: 'asp.snp-download-state',
      says: 'SEV is initialised',
      status: 'INVALID_PLATFORM_STATE',
      source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_download_firmware_ex)',
      holds: ({ platform }) => platform.sev !== 'UNINIT',
    },
    reserved('a reserved field or FLAGS bits 31:1', ['reserved'], ['FLAGS', 0xfffffffen]),
    misaligned(32, 'FW_PADDR'),
    ...imageRefusals,
    neverHere(
      'snp-update-refused',
      'the new firmware refuses the state that it finds',
      'UPDATE_FAILED',
      'AMD-ASPFW sev_mcmd.c (snp_mcmd_dlfw_continue)',
    ),
    neverHere(
      'snp-no-way-back',
      'it refuses, and the old firmware cannot be put back',
      'HARDWARE_UNSAFE',
      'AMD-ASPFW sev_mcmd.c (snp_mcmd_dlfw_continue)',
    ),
  ],
  run: () => {},
});

export const SNP_DLFW_CONTINUE = command({
  id: 0x0cc,
  name: 'SNP_DLFW_CONTINUE',
  purpose: 'Second half of SNP_DOWNLOAD_FIRMWARE_EX, which the firmware sends to itself.',
  source: 'AMD-ASPFW main.c (sev_uapp_entry), sev_mcmd.c (snp_mcmd_dlfw_continue)',
  writes: 'nothing',
  checks: [
    {
      id: 'asp.snp-not-from-x86',
      says: 'x86 software sent it: to the dispatcher there is no such command',
      status: 'INVALID_COMMAND',
      source: 'AMD-ASPFW main.c (sev_uapp_entry)',
      holds: () => true,
    },
  ],
  run: () => {},
});

const VLEK = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_vlek_load)';

const vlekHeader: Check = {
  id: 'asp.snp-vlek-header',
  says: 'LENGTH is not 0x10, VLEK_WRAPPED_VERSION not 0, or the reserved field not 0',
  status: 'INVALID_PARAM',
  source: VLEK,
  holds: (call) =>
    call.int('LENGTH') !== 0x10 || call.int('VLEK_WRAPPED_VERSION') !== 0 || call.int('reserved') !== 0,
};

export const SNP_VLEK_LOAD = command({
  id: 0x0cd,
  name: 'SNP_VLEK_LOAD',
  purpose: 'Load a key that signs reports without telling the chip, as AMD wrapped it for this one.',
  source: VLEK,
  writes: 'nothing',
  checks: [
    vlekHeader,
    copyable('the wrapped key', ['VLEK_WRAPPED_PADDR', VLEK_BYTES]),
    {
      id: 'asp.snp-vlek-tcb',
      says: 'the key is for another TCB version than the reported one',
      status: 'BAD_SVN',
      source: VLEK,
      holds: (call) => vlekTcb(call.copyIn('VLEK_WRAPPED_PADDR', VLEK_BYTES)) !== reportedTcb(call.p),
    },
    {
      id: 'asp.snp-vlek-tag',
      says: 'the key does not unwrap: it was made for another chip, or changed',
      status: 'BAD_MEASUREMENT',
      source: VLEK,
      holds: (call) => unwrapVlek(call.copyIn('VLEK_WRAPPED_PADDR', VLEK_BYTES), vcekStick(call.p)) === null,
    },
  ],
  run: (call) => {
    const wrapped = toHex(call.copyIn('VLEK_WRAPPED_PADDR', VLEK_BYTES));
    patchSnp(call.p, { vlek: { wrapped, vcek: snpOf(call.p).vcek } });
  },
});
