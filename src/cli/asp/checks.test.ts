import { describe, expect, it } from 'vitest';
import type { LEGACY_ROWS } from '../../engine/asp/layouts/legacy';
import { STATUS } from '../../engine/asp/status';
import type { TraceConfig } from './format';
import { Lab } from './lab';
import { Run } from './replay';
import { type Case, describeCases } from './testing/cases';
import { LAUNCH_CASES } from './testing/launchCases';
import { PLATFORM_CASES } from './testing/platformCases';
import { TRAVEL_CASES } from './testing/travelCases';

/** A machine whose ASIDs 1 and 2 are for guests with SEV-ES. */
const CONFIG: TraceConfig = {
  k: 'config',
  cfg: 'test',
  snpEn: false,
  minSevAsid: 3,
  maxAsid: 1006,
  sockets: 1,
  ccx: 2,
  coresPerCcx: 2,
  smt: false,
  dram: '0x0..0x7ffffff',
  labels: {
    'D<n>': '0x04000000+0x1000*n',
    'E<n>': '0x05000000+0x200000*n',
    NV: '0x04800000',
    TMR1: '0x06000000',
    TSEG: '0x07000000 (16 MiB)',
    OOB: '0x300000000000',
    CMDBUF: '0x03ff0000',
  },
};

const CASES: { readonly [N in keyof typeof LEGACY_ROWS]: readonly Case[] } = {
  ...PLATFORM_CASES,
  ...LAUNCH_CASES,
  ...TRAVEL_CASES,
};

/** What no case of this machine reaches, with the reason. */
const UNREACHED: Readonly<Record<string, string>> = {
  'asp.firmware-writable': 'only with SNP',
  'asp.memory-encryption-off': 'tested with a machine without memory encryption',
  'asp.snp-without-rmp': 'tested with SNPEn',
  'asp.asid-dirty-here':
    'an ASID that is bound is never dirty on another complex as long as the first bind asks for all',
  'asp.asid-not-clean': 'ACTIVATE: what is neither dirty nor owned is clean everywhere',
  'asp.send-asid-idle': 'a bound ASID is in use or reserved',
  'asp.send-other-domain': 'tested between two platforms',
  'asp.swap-counter': '2^53 pages',
  'asp.session-certificate': 'SEND_START: tested in firmware.test.ts',
  'asp.checksum-pool': 'tested before the first DF_FLUSH',
  'asp.ring-on': 'the mode ends before another command is looked at',
  'asp.length-unit': 'LAUNCH_UPDATE_VMSA has tested its length before',
  'asp.copy-range': 'several buffers, one case a command',
  'asp.tmr-range': 'INIT_EX tests it twice',
  'asp.storage-integrity': 'INIT: the flash memory of the simulator keeps what it got',
};

const lab = new Lab(CONFIG);
const start = lab.mark;

describeCases(lab, CASES, UNREACHED);

describe('checks that need another machine', () => {
  it('INIT without memory encryption', () => {
    const plain = new Lab(CONFIG);
    Object.assign(plain.p, { config: { ...plain.p.config, technology: 'off' } });
    expect(new Run(plain).perform({ cmd: 'INIT' })).toEqual({ status: STATUS.HARDWARE_PLATFORM.value });
  });

  it('INIT with SNPEn and no RMP', () => {
    const snp = new Lab({ ...CONFIG, snpEn: true });
    expect(new Run(snp).perform({ cmd: 'INIT' })).toEqual({ status: STATUS.INVALID_PLATFORM_STATE.value });
    expect(snp.decided().check).toBe('asp.snp-without-rmp');
  });

  it('a VMSA before the trusted region is live', () => {
    lab.backTo(start);
    const run = new Run(lab);
    run.perform({ cmd: 'HOST_WBINVD' });
    run.perform({ cmd: 'INIT', p: { es: 1, tmr: 'TMR1' } });
    run.perform({ cmd: 'LAUNCH_START', p: { policy: 4 } });
    lab.p.trace.patch('handle', 1, { asid: 1, activation: 'pending', complexes: 3 });
    expect(run.perform({ cmd: 'LAUNCH_UPDATE_VMSA' })).toEqual({ status: STATUS.RESOURCE_LIMIT.value });
  });
});
