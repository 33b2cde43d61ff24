import { PAGE_SIZE } from '../../../core/address';
import { u32, u64 } from '../../../core/bytes';
import type { ContextCell } from '../../../core/snpCells';
import { memoryMap } from '../../../memory/regions';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import { neverHere } from '../../checks/platform';
import {
  aContext,
  crossesPage,
  outputPage,
  outsideTable,
  PAGE_OFFSET,
  pageIn,
  reserved,
  smallPage,
  snpInitialised,
} from '../../checks/snp';
import { command } from '../../command';
import { drawSecret } from '../../secrets';
import { createContext } from '../../snp/context';
import { decommission } from '../../snp/decommission';
import { SNP_GUEST_STATES } from '../../snp/exportedContext';
import { setPage, spaOf } from '../../snp/pages';
import { word } from '../../snp/state';
import { committedTcb } from '../../snp/tcb';

/** An SNP guest comes into being, is asked about, and ends. */
const zeros = (bytes: number): string => '00'.repeat(bytes);

const newGuest = ({ p }: Call): ContextCell => ({
  state: 'INIT',
  policy: word(0n),
  asid: 0,
  activation: 'inactive',
  complexes: 0,
  vek: drawSecret(p, 'vek'),
  keys: null,
  messages: [0, 0, 0, 0],
  digest: zeros(48),
  imd: zeros(48),
  imi: false,
  agent: null,
  reportId: null,
  agentReportId: null,
  swaps: 0,
  root: null,
  gosvw: zeros(16),
  tscFrequency: 0,
  tscOffset: word(0n),
  launchTcb: word(committedTcb(p)),
  idBlock: null,
  idKeyDigest: null,
  authorKeyDigest: null,
  authorKey: false,
  hostData: zeros(32),
  vcekDisabled: false,
});

const namesPage = reserved('GCTX_PADDR bits 11:0', ['GCTX_PADDR', PAGE_OFFSET]);

export const SNP_GCTX_CREATE = command({
  id: 0x093,
  name: 'SNP_GCTX_CREATE',
  purpose: 'Make a firmware page the context of a new guest, with a new memory key.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_gctx_create)',
  writes: 'nothing',
  checks: [
    namesPage,
    snpInitialised,
    outsideTable('GCTX_PADDR'),
    pageIn('GCTX_PADDR', 'Firmware'),
    smallPage('GCTX_PADDR'),
    {
      id: 'asp.snp-context-dram',
      says: 'the page is not inside one range of DRAM',
      status: 'INVALID_CONFIG',
      source: 'AMD-ASPFW sev_rmp.c (validate_memory_map)',
      holds: (call) => {
        const spa = spaOf(call.p, call.address('GCTX_PADDR'));
        return !memoryMap(call.p.config).some(
          ({ kind, base, size }) => kind === 'dram' && spa >= base && spa + PAGE_SIZE <= base + size,
        );
      },
    },
  ],
  run: (call) => {
    setPage(call.p, call.address('GCTX_PADDR'), { vmsa: true });
    createContext(call.p, call.address('GCTX_PADDR'), newGuest(call));
  },
});

const STATUS_BYTES = 0x20;

export const SNP_GUEST_STATUS = command({
  id: 0x092,
  name: 'SNP_GUEST_STATUS',
  purpose: 'Tell a guest’s policy, ASID and state.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_guest_status)',
  writes: 'nothing',
  checks: [
    namesPage,
    crossesPage('STATUS_PADDR', STATUS_BYTES, 'INVALID_PARAM'),
    snpInitialised,
    ...aContext,
    outputPage('STATUS_PADDR'),
    copyable('the output buffer', ['STATUS_PADDR', STATUS_BYTES]),
  ],
  run: (call) => {
    const { policy, asid, state, vcekDisabled } = call.context;
    const out = new Uint8Array(STATUS_BYTES);
    out.set(u64(BigInt(policy)));
    out.set(u32(asid), 8);
    out[0xc] = SNP_GUEST_STATES[state];
    out[0x10] = vcekDisabled ? 1 : 0;
    call.copyOut('STATUS_PADDR', out);
  },
});

export const SNP_DECOMMISSION = command({
  id: 0x090,
  name: 'SNP_DECOMMISSION',
  purpose: 'Take the guest’s ASID away and forget it.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_decommission, snp_decommission_common)',
  writes: 'nothing',
  checks: [
    namesPage,
    snpInitialised,
    ...aContext,
    neverHere(
      'snp-not-unbound',
      'the guest cannot be unbound from its ASID',
      'HARDWARE_PLATFORM',
      'AMD-ASPFW sev_mcmd.c (snp_decommission_common)',
    ),
  ],
  run: (call) => decommission(call.p, call.address('GCTX_PADDR')),
});
