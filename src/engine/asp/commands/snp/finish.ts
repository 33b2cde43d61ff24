import { fromHex, toHex } from '../../../core/bytes';
import { admitAsid } from '../../asids';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import { aContext, isBound, PAGE_OFFSET, reserved, snpInitialised } from '../../checks/snp';
import { type Check, command } from '../../command';
import { decodeIdAuth, ID_AUTH_BYTES, ID_BLOCK_BYTES, keyDigest } from '../../snp/idBlock';
import { ID_BLOCK_CHECKS, type IdBlockInput } from '../../snp/verifyIdBlock';

/** A launch ends: who the guest is, and from now on it may run. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_finish)';

const flag = (call: Call, bit: bigint): boolean => ((call.address('FLAGS') >> bit) & 1n) === 1n;
const hasIdBlock = (call: Call): boolean => flag(call, 0n);
const hasAuthor = (call: Call): boolean => flag(call, 1n);

const input = (call: Call): IdBlockInput => ({
  block: call.copyIn('ID_BLOCK_PADDR', ID_BLOCK_BYTES),
  auth: call.copyIn('ID_AUTH_PADDR', ID_AUTH_BYTES),
  authKeyEnabled: hasAuthor(call),
  launchDigest: fromHex(call.context.digest),
  policy: BigInt(call.context.policy),
});

const blocks = copyable(
  'the ID block or who vouches for it',
  ['ID_BLOCK_PADDR', ID_BLOCK_BYTES],
  ['ID_AUTH_PADDR', ID_AUTH_BYTES],
);

const idBlockChecks: readonly Check[] = [
  {
    ...blocks,
    says: `ID_BLOCK_EN: ${blocks.says}`,
    holds: (call) => hasIdBlock(call) && blocks.holds(call),
  },
  ...ID_BLOCK_CHECKS.map(
    ({ holds, ...check }): Check => ({
      ...check,
      holds: (call) => hasIdBlock(call) && holds(call.once('ID block', () => input(call))),
    }),
  ),
];

/** What reports will tell of the guest’s owner. */
function identity(call: Call) {
  if (!hasIdBlock(call)) return { idBlock: null, idKeyDigest: null, authorKeyDigest: null };
  const { block, auth } = input(call);
  const { idKey, authorKey } = decodeIdAuth(auth);
  return {
    idBlock: toHex(block),
    idKeyDigest: toHex(keyDigest(idKey)),
    authorKeyDigest: hasAuthor(call) ? toHex(keyDigest(authorKey)) : null,
  };
}

export const SNP_LAUNCH_FINISH = command({
  id: 0x0a2,
  name: 'SNP_LAUNCH_FINISH',
  purpose: 'Close the launch, compare it with what the guest’s owner signed, and let the guest run.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved(
      'GCTX_PADDR bits 11:0 or FLAGS bits 63:3',
      ['GCTX_PADDR', PAGE_OFFSET],
      ['FLAGS', ~7n & (2n ** 64n - 1n)],
    ),
    snpInitialised,
    ...aContext,
    {
      id: 'asp.snp-guest-finish',
      says: 'the guest’s state is not LAUNCH, or it waits to absorb another one',
      status: 'INVALID_GUEST_STATE',
      source: SOURCE,
      holds: ({ context }) => context.state !== 'LAUNCH' || context.imi,
    },
    isBound,
    ...idBlockChecks,
  ],
  run: (call) => {
    const { activation, asid } = call.context;
    if (activation === 'pending') admitAsid(call.p, asid);
    call.patchContext({
      state: 'RUNNING',
      activation: 'active',
      ...identity(call),
      hostData: toHex(call.bytes('HOST_DATA', 32)),
      authorKey: hasAuthor(call),
      vcekDisabled: flag(call, 2n),
    });
  },
});
