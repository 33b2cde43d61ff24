import { toHex } from '../../../core/bytes';
import { hasFix } from '../../../core/config';
import type { ContextCell } from '../../../core/snpCells';
import type { Call } from '../../call';
import { aContext, contextIn, PAGE_OFFSET, reserved, snpInitialised } from '../../checks/snp';
import { type Check, command } from '../../command';
import { FIRMWARE } from '../../platform';
import { drawSecret } from '../../secrets';
import { contextAt } from '../../snp/context';
import { findPage, inTable, spaOf } from '../../snp/pages';
import { policyHas, SNP_POLICY, snpPolicyVersion } from '../../snp/policy';
import { patchSnp, snpOf, word } from '../../snp/state';

/** A guest gets its policy and its keys. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_start)';

const hasAgent = (call: Call): boolean => (call.int('FLAGS') & 1) !== 0;
const isImi = (call: Call): boolean => (call.int('FLAGS') & 2) !== 0;
const agentOf = (call: Call): ContextCell | null =>
  hasAgent(call) ? contextAt(call.p, call.address('MA_GCTX_PADDR')) : null;

const agentPage: Check = {
  id: 'asp.snp-agent-page',
  says: 'MA_EN: the page at MA_GCTX_PADDR is no guest context',
  status: 'INVALID_GUEST',
  source: SOURCE,
  holds: (call) => {
    if (!hasAgent(call)) return false;
    if (inTable(call.p, call.address('MA_GCTX_PADDR'))) return 'INVALID_PARAM';
    return findPage(call.p, call.address('MA_GCTX_PADDR')).state !== 'Context';
  },
};

const asked = (call: Call, bit: bigint): boolean => (call.address('POLICY') & bit) !== 0n;

/** The code tests all of these at once, so their order cannot be seen. */
const policy = (id: string, says: string, holds: Check['holds']): Check => ({
  id: `asp.snp-policy-${id}`,
  says,
  status: 'POLICY_FAILURE',
  source: SOURCE,
  holds,
});

const POLICIES: readonly Check[] = [
  policy(
    'migration',
    'MA_EN: the policy has no MIGRATE_MA, or the agent has an agent itself or was not launched',
    (call) => {
      const agent = agentOf(call);
      if (!agent) return false;
      return !asked(call, SNP_POLICY.migrateMa) || agent.state === 'INIT' || agent.agent !== null;
    },
  ),
  policy('bit-17', 'bit 17 of the policy is 0', (call) => !asked(call, SNP_POLICY.mustBeOne)),
  policy(
    'smt',
    'the policy has no SMT and the machine has it',
    (call) => !asked(call, SNP_POLICY.smt) && call.p.config.topology.threads > 1,
  ),
  policy('version', 'the policy asks for a newer firmware', (call) => {
    const { major, minor } = snpPolicyVersion(call.address('POLICY'));
    return major > FIRMWARE.major || (major === FIRMWARE.major && minor > FIRMWARE.minor);
  }),
  policy('reserved', 'bits 63:21 of the policy are not 0', (call) =>
    asked(
      call,
      hasFix(call.p.config, 'page-swap-policy')
        ? SNP_POLICY.reserved & ~SNP_POLICY.swapDisabled
        : SNP_POLICY.reserved,
    ),
  ),
  policy('agent-socket', 'the policy has SINGLE_SOCKET and that of the agent has not', (call) => {
    const agent = agentOf(call);
    if (!agent || !asked(call, SNP_POLICY.singleSocket)) return false;
    return !policyHas(agent, SNP_POLICY.singleSocket);
  }),
];

export const SNP_LAUNCH_START = command({
  id: 0x0a0,
  name: 'SNP_LAUNCH_START',
  purpose: 'Set the guest’s policy and make its keys.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved(
      'bits 11:0 of an address or FLAGS bits 31:2',
      ['GCTX_PADDR', PAGE_OFFSET],
      ['MA_GCTX_PADDR', PAGE_OFFSET],
      ['FLAGS', 0xfffffffcn],
    ),
    snpInitialised,
    ...aContext,
    contextIn('INIT'),
    agentPage,
    ...POLICIES,
  ],
  run: (call) => {
    const { p } = call;
    const draw = (kind: Parameters<typeof drawSecret>[1]) => drawSecret(p, kind);
    const agent = agentOf(call);
    call.patchContext({
      state: 'LAUNCH',
      policy: word(call.address('POLICY')),
      agent: agent && spaOf(p, call.address('MA_GCTX_PADDR')),
      keys: {
        oek: draw('oek'),
        vmpck: [draw('vmpck'), draw('vmpck'), draw('vmpck'), draw('vmpck')],
        vmrk: draw('vmrk'),
      },
      reportId: draw('report id'),
      agentReportId: agent?.reportId ?? null,
      imi: isImi(call),
      gosvw: toHex(call.bytes('GOSVW', 16)),
      tscFrequency: call.int('DESIRED_TSC_FREQ'),
    });
    patchSnp(p, { guests: snpOf(p).guests + 1 });
  },
});
