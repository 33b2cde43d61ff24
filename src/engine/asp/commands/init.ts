import { memEncryption } from '../../cpu/mode';
import { clearWbinvd } from '../../cpu/wbinvd';
import { allComplexes, dirtyAllAsids } from '../asids';
import type { Call } from '../call';
import { copyable, rangeStatus } from '../checks/address';
import { writable, writableIf } from '../checks/pages';
import { neverHere, platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import { completeIdentity } from '../identity';
import { withoutC } from '../memory';
import { eraseStored, NV_BYTES, readStored, type Stored, saveIdentity } from '../persist';
import { patchPlatform } from '../platform';

/** INIT and INIT_EX: the platform wakes up (AMD-ASPFW sev_mcmd.c: sev_mcmd_init_common). */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_init_common)';

const withEs = (call: Call): boolean => (call.int('FLAGS') & 1) === 1;

const MIB = 0x100000;
/** The region grows with the RMP (AMD-ASPFW sev_es.c: sev_es_reserve_trusted_region). */
const regionSize = (call: Call): number => (call.platform.rmpInitialised ? 2 * MIB : MIB);

/** The host's buffer for the persistent data, or null for the flash memory. */
function storage(call: Call): { address: number; encrypted: boolean } | null {
  const raw = call.values.NV_PADDR ?? 0n;
  if (raw === 0n) return null;
  const address = withoutC(call.p, raw);
  return { address: Number(address), encrypted: address !== raw };
}

const stored = (call: Call): Stored => call.once('stored', () => readStored(call.p, storage(call)));

const EARLY: readonly Check[] = [
  platformIn('UNINIT'),
  neverHere(
    'early-setup',
    'topology, memory map or APIC table cannot be worked out',
    'HARDWARE_PLATFORM',
    SOURCE,
  ),
  neverHere('boot-loader', 'the boot loader is too old for this part', 'UNSUPPORTED', SOURCE),
  {
    id: 'asp.memory-encryption-off',
    says: 'memory encryption is not switched on in every memory controller and core (SYSCFG.MemEncryptionModEn)',
    status: 'HARDWARE_PLATFORM',
    source: SOURCE,
    holds: ({ p }) => !memEncryption(p),
  },
];

const reservedSet = (...fields: readonly string[]): Check => ({
  id: 'asp.init-reserved',
  says: 'FLAGS bits 15:1 or a reserved field is not 0',
  status: 'INVALID_CONFIG',
  source: SOURCE,
  holds: (call) => call.int('FLAGS') > 1 || fields.some((field) => call.address(field) !== 0n),
});

const snpWithoutRmp: Check = {
  id: 'asp.snp-without-rmp',
  says: 'SYSCFG.SNPEn is set on all cores and the RMP was not initialised',
  status: 'INVALID_PLATFORM_STATE',
  source: SOURCE,
  holds: ({ p, platform }) => p.state.cell('syscfg')?.snpEn === true && !platform.rmpInitialised,
};

const PERSISTENT: readonly Check[] = [
  neverHere('storage-unreadable', 'the persistent data cannot be read', 'HARDWARE_PLATFORM', SOURCE),
  {
    id: 'asp.storage-integrity',
    says: 'the persistent data fail their integrity check; they are erased',
    status: 'SECURE_DATA_INVALID',
    source: 'AMD-ASPFW sev_persistent.c',
    holds: (call) => stored(call) === 'broken',
    refusing: (call) => eraseStored(call.p, storage(call)),
  },
];

const REGION = 'AMD-ASPFW sev_es.c (sev_es_reserve_trusted_region)';

const tmrRange = copyable('the trusted memory region', ['TMR_PADDR', 'TMR_LENGTH']);

const TRUSTED_REGION: readonly Check[] = [
  writableIf(withEs, 'the trusted memory region', ['TMR_PADDR', 'TMR_LENGTH']),
  {
    id: 'asp.tmr-alignment',
    says: 'with SEV-ES: TMR_PADDR is not a multiple of the region’s size',
    status: 'INVALID_ADDRESS',
    source: REGION,
    holds: (call) =>
      withEs(call) && withoutC(call.p, call.address('TMR_PADDR')) % BigInt(regionSize(call)) !== 0n,
  },
  {
    id: 'asp.tmr-length',
    says: 'with SEV-ES: TMR_LENGTH is not 1 MiB (2 MiB once the RMP is initialised)',
    status: 'INVALID_LENGTH',
    source: REGION,
    holds: (call) => withEs(call) && call.int('TMR_LENGTH') !== regionSize(call),
  },
  {
    id: 'asp.tmr-range',
    says: 'with SEV-ES: the region reaches into forbidden memory',
    status: 'INVALID_ADDRESS',
    source: REGION,
    holds: (call) => withEs(call) && tmrRange.holds(call) === 'INVALID_ADDRESS',
  },
  {
    id: 'asp.tmr-dram',
    says: 'with SEV-ES: the region is not inside one range of DRAM',
    status: 'INVALID_CONFIG',
    source: REGION,
    holds: (call) => withEs(call) && tmrRange.holds(call) !== false,
  },
];

function start(call: Call): void {
  const { p } = call;
  const nv = storage(call);
  const found = stored(call);
  if (call.platform.snp === 'UNINIT') {
    dirtyAllAsids(p);
    clearWbinvd(p, allComplexes(p));
  }
  const identity = completeIdentity(p, typeof found === 'string' ? null : found);
  const tmr = {
    address: Number(withoutC(p, call.address('TMR_PADDR'))),
    length: call.int('TMR_LENGTH'),
    live: false,
    blocks: [],
  };
  patchPlatform(p, { sev: 'INIT', es: withEs(call), identity, nv, tmr: withEs(call) ? tmr : null });
  if (typeof found === 'string') saveIdentity(p);
}

export const INIT = command({
  id: 0x001,
  name: 'INIT',
  purpose: 'Wake the platform up, with SEV-ES or without; its identity comes from the flash memory.',
  source: SOURCE,
  writes: 'nothing',
  checks: [...EARLY, reservedSet('reserved'), snpWithoutRmp, ...PERSISTENT, ...TRUSTED_REGION],
  run: start,
});

/** Does the trusted region touch the buffer for the persistent data? */
function touchesStorage(call: Call): boolean {
  const nv = storage(call);
  if (!nv) return false;
  const start = withoutC(call.p, call.address('TMR_PADDR'));
  const buffer = BigInt(nv.address);
  return start < buffer + BigInt(NV_BYTES) && buffer < start + BigInt(call.int('TMR_LENGTH'));
}

export const INIT_EX = command({
  id: 0x00d,
  name: 'INIT_EX',
  purpose: 'INIT with a buffer of the host in the place of the flash memory.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    ...EARLY,
    reservedSet('reserved', 'reserved2'),
    snpWithoutRmp,
    {
      id: 'asp.init-ex-length',
      says: 'LENGTH is not 0x24',
      status: 'INVALID_LENGTH',
      source: SOURCE,
      holds: (call) => call.int('LENGTH') !== 0x24,
    },
    {
      id: 'asp.nv-alignment',
      says: 'NV_PADDR is not 0 and not a multiple of 4096',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) => (storage(call)?.address ?? 0) % 4096 !== 0,
    },
    {
      id: 'asp.nv-range',
      says: 'the buffer for the persistent data lies in forbidden memory, or not inside one range of DRAM',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) =>
        storage(call) !== null &&
        (rangeStatus(call.p, call.address('NV_PADDR'), call.int('NV_LENGTH')) ?? false),
    },
    {
      id: 'asp.nv-length',
      says: 'there is such a buffer and NV_LENGTH is not 32 KiB',
      status: 'INVALID_LENGTH',
      source: SOURCE,
      holds: (call) => storage(call) !== null && call.int('NV_LENGTH') !== NV_BYTES,
    },
    writable('the buffer for the persistent data', ['NV_PADDR', 'NV_LENGTH']),
    ...PERSISTENT,
    {
      id: 'asp.tmr-over-nv',
      says: 'with SEV-ES: the trusted region touches the buffer for the persistent data, or is not allowed',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) =>
        withEs(call) &&
        storage(call) !== null &&
        (touchesStorage(call) || tmrRange.holds(call) === 'INVALID_ADDRESS'),
    },
    ...TRUSTED_REGION,
  ],
  run: start,
});
