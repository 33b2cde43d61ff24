import { PAGE_SIZE } from '../../../core/address';
import { FIRMWARE_KEY, HOST_KEY } from '../../../core/key';
import type { Platform } from '../../../core/platform';
import { entryIn } from '../../../rmp/pageState';
import { entryPlace, writeEntry } from '../../../rmp/table';
import { allClean, maxAsid } from '../../asids';
import type { Call } from '../../call';
import { neverHere } from '../../checks/platform';
import { type Check, command } from '../../command';
import { ZERO_SEED } from '../../keys';
import { patchPlatform } from '../../platform';
import { leaveRing } from '../../ring';
import { patchSnp, snpOf } from '../../snp/state';

/** SNP_SHUTDOWN and SNP_SHUTDOWN_EX (AMD-ASPFW sev_mcmd.c: snp_mcmd_shutdown_common). */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_shutdown_common)';

const COMMON: readonly Check[] = [
  {
    id: 'asp.snp-sev-up',
    says: 'SEV is initialised: SNP goes last',
    status: 'INVALID_PLATFORM_STATE',
    source: SOURCE,
    holds: ({ platform }) => platform.sev !== 'UNINIT',
  },
  {
    id: 'asp.snp-down-already',
    says: 'SNP is not initialised: nothing is done',
    status: 'SUCCESS',
    source: SOURCE,
    holds: ({ platform }) => platform.snp === 'UNINIT',
  },
  {
    id: 'asp.snp-asids-dirty',
    says: 'an ASID is not clean on every core complex, whether or not anybody has it',
    status: 'DF_FLUSH_REQUIRED',
    source: SOURCE,
    holds: ({ p }) => !allClean(p),
  },
];

const UNCLEAR = neverHere(
  'unclear',
  'the platform’s context cannot be cleared',
  'HARDWARE_UNSAFE',
  'AMD-ASPFW sev_plat.c (sev_clear)',
);

/** The RMP stays as it is, and so do the contexts of guests that never got an ASID. */
function stop({ p }: Call): void {
  leaveRing(p);
  patchPlatform(p, { snp: 'UNINIT' });
  patchSnp(p, { guests: 0, vlek: null });
}

export const SNP_SHUTDOWN = command({
  id: 0x082,
  name: 'SNP_SHUTDOWN',
  purpose: 'Stop SNP. The RMP stays written and protected.',
  source: SOURCE,
  writes: 'nothing',
  checks: [...COMMON, UNCLEAR],
  run: stop,
});

const flag = (call: Call, bit: number): boolean => (call.int('FLAGS') & (1 << bit)) !== 0;
const freesIommu = (call: Call): boolean => flag(call, 0);
const freesCores = (call: Call): boolean => flag(call, 1);

/** The IOMMU’s logs are ordinary memory again, as soon as the host takes them back. */
function returnLogs(p: Platform): void {
  for (const [first, count] of snpOf(p).iommuPages)
    for (let page = first; page < first + count; page++)
      if (entryPlace(p, page * PAGE_SIZE) !== null) writeEntry(p, page * PAGE_SIZE, entryIn('Reclaim'));
}

/** Every guest’s slot gets the key that follows from a seed of zeros. */
function wipeSlots(p: Platform): void {
  for (let asid = HOST_KEY + 1; asid <= maxAsid(p); asid++)
    if (asid !== FIRMWARE_KEY && p.state.cell('slot', asid))
      p.trace.set('slot', asid, { keyId: ZERO_SEED, channel: 0 });
}

export const SNP_SHUTDOWN_EX = command({
  id: 0x086,
  name: 'SNP_SHUTDOWN_EX',
  purpose: 'Stop SNP, and on request what the IOMMU and the cores enforce.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    ...COMMON,
    {
      id: 'asp.snp-shutdown-length',
      says: 'LENGTH is not 8',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => call.int('LENGTH') !== 8,
    },
    {
      id: 'asp.snp-shutdown-flags',
      says: 'FLAGS bits 31:2 are not 0',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => call.int('FLAGS') >>> 2 !== 0,
    },
    {
      id: 'asp.snp-shutdown-cores-only',
      says: 'X86_SNP_SHUTDOWN without IOMMU_SNP_SHUTDOWN',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => freesCores(call) && !freesIommu(call),
    },
    neverHere(
      'snp-iommu-stays',
      'IOMMU, RMP, key slots or protected regions cannot be reset',
      'HARDWARE_PLATFORM',
      SOURCE,
    ),
    neverHere('snp-en-stays', 'SNPEn cannot be cleared on every core', 'SHUTDOWN_INCOMPLETE', SOURCE),
    UNCLEAR,
  ],
  run: (call) => {
    const { p } = call;
    stop(call);
    if (!freesIommu(call)) return;
    returnLogs(p);
    wipeSlots(p);
    patchPlatform(p, { rmpInitialised: false });
    patchSnp(p, { iommuPages: [], stale: true });
    const syscfg = p.state.cell('syscfg');
    if (freesCores(call) && syscfg) p.trace.set('syscfg', 0, { ...syscfg, snpEn: false });
  },
});
