import { pfnOf } from '../../../core/address';
import { pagesOfAsid } from '../../../rmp/counters';
import { allComplexes } from '../../asids';
import { type Bound, bindAsid } from '../../binding';
import type { Call } from '../../call';
import { apicList, chosenComplexes, dirtyHere } from '../../checks/apic';
import {
  asidDirty,
  asidHalf,
  asidNotClean,
  asidOwned,
  asidRange,
  boundElsewhere,
  firstBind,
} from '../../checks/asid';
import { aContext, contextIn, exactLength, PAGE_OFFSET, reserved, snpInitialised } from '../../checks/snp';
import { type Check, command } from '../../command';
import { policyHas, SNP_POLICY } from '../../snp/policy';

/** An SNP guest gets its ASID. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_activate)';

const snpGuest = ({ context }: Call): Bound => ({ ...context, es: true, runs: context.state === 'RUNNING' });

const bind = (call: Call, complexes: number): void =>
  call.patchContext(bindAsid(call.p, snpGuest(call), call.int('ASID'), complexes));

/** The bookkeeping of the RMP has a counter for so many ASIDs. */
const COUNTED_ASIDS = 2048;

const asidCounted: Check = {
  id: 'asp.snp-asid-counted',
  says: 'ASID is 2048 or more: the RMP has no counter for it',
  status: 'INVALID_ASID',
  source: 'AMD-ASPFW sev_rmp.c (check_rmp_for_asid)',
  holds: (call) => call.int('ASID') >= COUNTED_ASIDS,
};

const asidHasPages: Check = {
  id: 'asp.snp-asid-pages',
  says: 'pages are assigned to the ASID, by the RMP’s counter',
  status: 'INVALID_CONFIG',
  source: 'AMD-ASPFW sev_rmp.c (check_rmp_for_asid)',
  holds: (call) => pagesOfAsid(call.p, call.int('ASID')) !== 0,
};

const unbound: Check = {
  id: 'asp.snp-guest-active',
  says: 'the guest has an ASID',
  status: 'ACTIVE',
  source: 'AMD-ASPFW sev_mcmd.c (mcmd_activate_common)',
  holds: ({ context }) => context.asid !== 0,
};

const singleSocket = ({ context }: Call): boolean => policyHas(context, SNP_POLICY.singleSocket);

export const SNP_ACTIVATE = command({
  id: 0x091,
  name: 'SNP_ACTIVATE',
  purpose: 'Bind the guest to an ASID on all core complexes and load its key.',
  source: `${SOURCE}; sev_rmp.c (check_rmp_for_asid)`,
  writes: 'nothing',
  checks: [
    reserved('GCTX_PADDR bits 11:0', ['GCTX_PADDR', PAGE_OFFSET]),
    snpInitialised,
    ...aContext,
    contextIn('LAUNCH', 'RUNNING'),
    asidCounted,
    asidHasPages,
    {
      id: 'asp.snp-two-sockets',
      says: 'the guest’s policy has SINGLE_SOCKET and the machine two sockets',
      status: 'POLICY_FAILURE',
      source: SOURCE,
      holds: (call) => singleSocket(call) && call.p.config.topology.sockets > 1,
    },
    asidRange,
    asidOwned,
    unbound,
    asidDirty,
    asidNotClean,
    asidHalf(snpGuest),
  ],
  run: (call) => bind(call, allComplexes(call.p)),
});

/** On which sockets these core complexes are: one bit each. */
function socketsOf({ p }: Call, complexes: number): number {
  const { sockets, complexes: each } = p.config.topology;
  let found = 0;
  for (let complex = 0; complex < sockets * each; complex++)
    if ((complexes >>> complex) & 1) found |= 1 << Math.floor(complex / each);
  return found;
}

const spans = (call: Call, a: number, b: number): boolean => socketsOf(call, (a | b) >>> 0) === 3;

const EX = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_activate_ex, mcmd_activate_ex_common)';

const agentElsewhere: Check = {
  id: 'asp.snp-agent-socket',
  says: 'the guest’s policy has SINGLE_SOCKET, and its migration agent is not active, or not on the same socket',
  status: 'POLICY_FAILURE',
  source: EX,
  holds: (call) => {
    const { agent } = call.context;
    if (!singleSocket(call) || agent === null) return false;
    const found = agentAt(call, agent);
    return found?.activation !== 'active' || spans(call, found.complexes, chosenComplexes(call));
  },
};

const agentAt = (call: Call, spa: number) => call.p.state.cell('context', pfnOf(spa));

const twoSockets: Check = {
  id: 'asp.snp-spans-sockets',
  says: 'the guest’s policy has SINGLE_SOCKET, and the core complexes are on both sockets',
  status: 'POLICY_FAILURE',
  source: EX,
  holds: (call) => singleSocket(call) && spans(call, call.context.complexes, chosenComplexes(call)),
};

export const SNP_ACTIVATE_EX = command({
  id: 0x095,
  name: 'SNP_ACTIVATE_EX',
  purpose: 'Bind the guest to an ASID on the core complexes of some threads; again, to add more.',
  source: EX,
  writes: 'nothing',
  checks: [
    exactLength(0x20),
    reserved('GCTX_PADDR bits 11:0 or the reserved field', ['reserved'], ['GCTX_PADDR', PAGE_OFFSET]),
    snpInitialised,
    ...aContext,
    contextIn('LAUNCH', 'RUNNING'),
    firstBind(snpGuest, asidCounted),
    firstBind(snpGuest, asidHasPages),
    asidRange,
    ...apicList,
    agentElsewhere,
    twoSockets,
    firstBind(snpGuest, asidDirty),
    firstBind(snpGuest, asidNotClean),
    boundElsewhere(snpGuest),
    asidHalf(snpGuest),
    dirtyHere,
  ],
  run: (call) => bind(call, chosenComplexes(call)),
});
