import { PAGE_SIZE } from '../../../core/address';
import { hasFix } from '../../../core/config';
import type { Platform } from '../../../core/platform';
import { canHide } from '../../../cpu/hiding';
import { memEncryption } from '../../../cpu/mode';
import { flushAll } from '../../../cpu/tlb';
import { clearWbinvd } from '../../../cpu/wbinvd';
import { emptyRange } from '../../../memory/flush';
import { entryIn } from '../../../rmp/pageState';
import { FIRMWARE_UNIT } from '../../../rmp/place';
import { entryPlace, writeEntry } from '../../../rmp/table';
import { allComplexes, dirtyAllAsids } from '../../asids';
import type { Call } from '../../call';
import { rangeStatus } from '../../checks/address';
import { neverHere } from '../../checks/platform';
import { reserved } from '../../checks/snp';
import { type Check, command } from '../../command';
import { meanwhile } from '../../meanwhile';
import { cMask } from '../../memory';
import { patchPlatform } from '../../platform';
import { configureRmp, HYPER_TRANSPORT } from '../../snp/configureRmp';
import { forgetContexts } from '../../snp/context';
import { makeFirmwareKey } from '../../snp/firmwareKey';
import { readRanges } from '../../snp/rangeList';
import { patchSnp, snpOf, word } from '../../snp/state';
import type { PageRange } from '../../snp/tableRanges';
import { committedTcb, runningTcb } from '../../snp/tcb';

/** SNP_INIT and SNP_INIT_EX: the platform’s other half wakes up (AMD-ASPFW sev_mcmd.c: snp_mcmd_init_common). */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_init_common)';
const BOUNDS = 'AMD-ASPFW sev_rmp.c (get_rmp_bounds)';

const EARLY: readonly Check[] = [
  neverHere('snp-diagnostic-mode', 'diagnostic mode is enabled', 'HARDWARE_PLATFORM', SOURCE),
  {
    id: 'asp.snp-init-state',
    says: 'SNP is initialised already, or SEV is: SNP comes first',
    status: 'INVALID_PLATFORM_STATE',
    source: SOURCE,
    holds: ({ platform }) => platform.snp !== 'UNINIT' || platform.sev !== 'UNINIT',
  },
  neverHere(
    'early-setup',
    'topology, memory map or APIC table cannot be worked out',
    'HARDWARE_PLATFORM',
    SOURCE,
  ),
  neverHere('boot-loader', 'the boot loader is too old for this part', 'UNSUPPORTED', SOURCE),
  neverHere('snp-debug-unlocked', 'the system is unlocked for debugging', 'HARDWARE_UNSAFE', SOURCE),
];

/** RMP_BASE and RMP_END as the cores have them; 0 and 0 where nobody has set them. */
const bounds = ({ p }: Call): { base: number; end: number } => p.state.cell('rmp') ?? { base: 0, end: 0 };

const rmpRange = (call: Call, more: number) => {
  const { base, end } = bounds(call);
  return rangeStatus(call.p, BigInt(base), end - base + more, 'with the RMP');
};

const CONFIGURED: readonly Check[] = [
  {
    id: 'asp.snp-not-enabled',
    says: 'memory encryption, SNPEn or VMPLEn is not set in SYSCFG of every core',
    status: 'INVALID_CONFIG',
    source: SOURCE,
    holds: ({ p }) => {
      const { snpEn = false, vmplEn = snpEn } = p.state.cell('syscfg') ?? {};
      return !memEncryption(p) || !snpEn || !vmplEn;
    },
  },
  neverHere(
    'snp-msrs-differ',
    'one of 22 MSRs differs between cores, or DEBUG_STATUS has a bit set',
    'INVALID_CONFIG',
    'AMD-ASPFW sev_hal.c (sev_hal_check_msrs)',
  ),
  {
    id: 'asp.snp-mfdm',
    says: 'SYSCFG bit 19 (MFDM) is not set on every core',
    status: 'INVALID_CONFIG',
    source: SOURCE,
    holds: ({ p }) => p.state.cell('syscfg')?.mfdm === false,
  },
  {
    id: 'asp.snp-smm-lock',
    says: 'HWCR.SmmLock is not set on every core',
    status: 'INVALID_CONFIG',
    source: SOURCE,
    holds: ({ p }) => p.state.cell('syscfg')?.smmLock === false,
  },
  neverHere('snp-rmp-differs', 'RMP_BASE or RMP_END differs between cores', 'INVALID_CONFIG', BOUNDS),
  {
    id: 'asp.snp-rmp-range',
    says: 'the RMP lies in memory that the firmware does not touch, or not inside one range of DRAM',
    status: 'INVALID_ADDRESS',
    source: BOUNDS,
    holds: (call) => rmpRange(call, 0) ?? false,
  },
  {
    id: 'asp.snp-rmp-alignment',
    says: 'RMP_BASE or the RMP’s size is no multiple of 1 MiB',
    status: 'INVALID_CONFIG',
    source: BOUNDS,
    holds: (call) => {
      const { base, end } = bounds(call);
      return base % FIRMWARE_UNIT !== 0 || (end - base + 1) % FIRMWARE_UNIT !== 0;
    },
  },
  {
    id: 'asp.snp-rmp-c-bit',
    says: 'RMP_BASE or RMP_END has the C-bit',
    status: 'UNSUPPORTED',
    source: BOUNDS,
    holds: (call) => {
      const { base, end } = bounds(call);
      return ((BigInt(base) | BigInt(end)) & cMask(call.p)) !== 0n;
    },
  },
  neverHere('snp-tseg', 'TSEG is not where the boot loader says', 'INVALID_CONFIG', SOURCE),
  {
    id: 'asp.snp-rmp-dram',
    says: 'the RMP is not inside one range of DRAM',
    status: 'INVALID_CONFIG',
    source: 'AMD-ASPFW sev_rmp.c (validate_memory_map)',
    holds: (call) => rmpRange(call, 1) !== null,
  },
  neverHere(
    'snp-other-processors',
    'the other processors cannot be told to keep off the RMP',
    'HARDWARE_PLATFORM',
    SOURCE,
  ),
  neverHere(
    'snp-rmp-regions',
    'the regions that protect the RMP cannot be set up',
    'HARDWARE_PLATFORM',
    SOURCE,
  ),
  neverHere(
    'snp-hsave',
    'the RMP is to be written and VM_HSAVE_PA is not 0 on a core',
    'INVALID_CONFIG',
    SOURCE,
  ),
  {
    id: 'asp.snp-rmp-reserved',
    says: 'the RMP touches memory that has to stay the hypervisor’s for ever',
    status: 'RMP_INITIALIZATION_FAILED',
    source: 'AMD-ASPFW sev_rmp.c (configure_rmp)',
    holds: (call) => {
      const { base, end } = bounds(call);
      return writesRmp(call) && end >= HYPER_TRANSPORT.start && base < HYPER_TRANSPORT.end;
    },
  },
  {
    id: 'asp.alias',
    says: 'the boot firmware has found two addresses of memory that share a cell',
    status: 'HARDWARE_PLATFORM',
    source:
      'AMD-SB-3015 (CVE-2024-21944); attacks.md, badram-alias; its place among the checks and its status are modelled',
    standing: 'modelled',
    holds: ({ p }) => p.state.cell('stick')?.aliased === true,
  },
  {
    id: 'asp.df-lock',
    says: 'a register that routes requests through the data fabric is not as the boot firmware left it',
    status: 'HARDWARE_PLATFORM',
    source:
      'AMD-SB-3034 (CVE-2025-54510); attacks.md, fabricked-df-routing; its place among the checks and its status are modelled',
    standing: 'modelled',
    holds: ({ p }) => hasFix(p.config, 'fw-sb3034') && p.state.cell('routes') !== null,
  },
  neverHere('snp-iommu', 'SNP cannot be enabled in an IOMMU', 'INVALID_CONFIG', 'AMD-ASPFW sev_hal_iommu.c'),
  neverHere('snp-last-steps', 'TLBs, VCEK or ASIDs cannot be made ready', 'HARDWARE_PLATFORM', SOURCE),
];

/** SNP_INIT has no buffer and always writes the RMP. */
const flag = (call: Call, bit: number): boolean => (Number(call.values.FLAGS ?? 1n) & (1 << bit)) !== 0;
const writesRmp = (call: Call): boolean => flag(call, 0);
const hasList = (call: Call): boolean => flag(call, 1);

/** The list of pages for the host’s own use; a list that is not right is not used, and nobody is told. */
function listed(call: Call): PageRange[] {
  if (!hasList(call) || rangeStatus(call.p, call.address('LIST_PADDR'), PAGE_SIZE)) return [];
  return readRanges(call.p, call.address('LIST_PADDR'), PAGE_SIZE) ?? [];
}

/** The IOMMU writes its logs into these pages, and nobody else may. */
function takeLogs(p: Platform): void {
  const logs = p.state.cell('iommu')?.logs ?? [];
  for (const [first, count] of logs)
    for (let page = first; page < first + count; page++)
      if (entryPlace(p, page * PAGE_SIZE) !== null)
        writeEntry(p, page * PAGE_SIZE, entryIn('Firmware-IOMMU'));
  patchSnp(p, { iommuPages: logs });
}

function start(call: Call): void {
  const { p, platform } = call;
  const anew = writesRmp(call);
  if (anew) {
    const repaired = hasFix(p.config, 'fw-sb3020');
    const { base, end } = bounds(call);
    meanwhile(p);
    if (repaired) emptyRange(p, base, end - base + 1);
    configureRmp(p, listed(call));
    meanwhile(p, repaired);
    forgetContexts(p);
    takeLogs(p);
    for (const [core] of p.state.tlbs.entries()) flushAll(p, core);
  }
  makeFirmwareKey(p);
  dirtyAllAsids(p);
  clearWbinvd(p, allComplexes(p));
  patchPlatform(p, { snp: 'INIT', rmpInitialised: platform.rmpInitialised || anew });
  const rmpTcb = anew ? word(committedTcb(p)) : snpOf(p).rmpTcb;
  const hiding = flag(call, 3);
  patchSnp(p, {
    guests: 0,
    vcek: word(runningTcb(p)),
    rmpTcb,
    ...(hiding || snpOf(p).hiding ? { hiding } : {}),
  });
}

export const SNP_INIT = command({
  id: 0x081,
  name: 'SNP_INIT',
  purpose: 'Start SNP: write the RMP, protect it, and let the IOMMU ask it.',
  source: `${SOURCE}; sev_rmp.c (configure_rmp, get_rmp_bounds)`,
  writes: 'nothing',
  checks: [...EARLY, ...CONFIGURED],
  run: start,
});

const OLD_FLAGS = reserved(
  'FLAGS bits 31:2 or a reserved field',
  ['FLAGS', 0xfffffffcn],
  ['reserved'],
  ['reserved2'],
);
const NEW_FLAGS = reserved('', ['FLAGS', 0xfffffff4n], ['reserved'], ['reserved2']);

/** Firmware of machines that can hide ciphertext knows bit 3, CIPHERTEXT_HIDING_EN. */
const reservedFlags: Check = {
  ...OLD_FLAGS,
  holds: (call) => (canHide(call.p.config) ? NEW_FLAGS : OLD_FLAGS).holds(call),
};

export const SNP_INIT_EX = command({
  id: 0x085,
  name: 'SNP_INIT_EX',
  purpose:
    'Start SNP, with the RMP as an earlier start left it or with pages that stay the hypervisor’s for ever.',
  source: `${SOURCE}; sev_rmp.c (require_rmp_reinit)`,
  writes: 'nothing',
  checks: [
    reservedFlags,
    ...EARLY,
    {
      id: 'asp.snp-rmp-other-tcb',
      says: 'without INIT_RMP: firmware of another TCB version wrote the RMP',
      status: 'RMP_INIT_REQUIRED',
      source: 'AMD-ASPFW sev_rmp.c (require_rmp_reinit)',
      holds: (call) =>
        !writesRmp(call) &&
        call.platform.rmpInitialised &&
        snpOf(call.p).rmpTcb !== word(committedTcb(call.p)),
    },
    {
      id: 'asp.snp-rmp-unwritten',
      says: 'without INIT_RMP: the RMP was never written',
      status: 'RMP_INIT_REQUIRED',
      source: SOURCE,
      holds: (call) => !writesRmp(call) && !call.platform.rmpInitialised,
    },
    {
      id: 'asp.snp-list-unused',
      says: 'there is a list of ranges and the RMP is not to be written',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => hasList(call) && !writesRmp(call),
    },
    ...CONFIGURED,
  ],
  run: start,
});
