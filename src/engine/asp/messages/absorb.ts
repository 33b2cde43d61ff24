import { bytesEqual, fromHex } from '../../core/bytes';
import { patchContext } from '../snp/context';
import { incomingImd, rootInUse } from '../snp/exportedContext';
import { spaOf } from '../snp/pages';
import { incoming, incomingBytes, wrongVersion } from './arrival';
import { type Ask, areZero, guestMessage, REQUEST, reservedFields } from './message';
import { otherAt, otherGuest, otherIn, otherIsContext } from './otherGuest';

/** A guest that was launched to wait takes the place of another one. */
const sameImage = (ask: Ask, digest: string): boolean =>
  bytesEqual(fromHex(incomingImd(incomingBytes(ask))), fromHex(digest));

export const ABSORB = guestMessage({
  type: 11,
  name: 'MSG_ABSORB_REQ',
  purpose: 'Let a guest that was launched with an initial migration image become the one that arrives.',
  source: REQUEST,
  answerBytes: 16,
  checks: [
    reservedFields((ask) => (otherAt(ask) & 0xfffn) !== 0n || !areZero(ask.payload, 0x10, 0x20)),
    otherIsContext,
    otherIn('LAUNCH'),
    {
      id: 'asp.msg-absorb-imi',
      says: 'that guest was not launched to absorb another one (IMI_EN)',
      status: 'INVALID_GUEST_STATE',
      source: REQUEST,
      holds: (ask) => !otherGuest(ask).imi,
    },
    {
      id: 'asp.msg-absorb-root',
      says: 'that guest has swapped out a root page',
      status: 'INVALID_MDATA_ENTRY',
      source: REQUEST,
      holds: (ask) => rootInUse(otherGuest(ask)),
    },
    {
      id: 'asp.msg-absorb-image',
      says: 'the digest of the arriving guest’s initial migration image is not that guest’s launch digest',
      status: 'BAD_MEASUREMENT',
      source: REQUEST,
      holds: (ask) => !sameImage(ask, otherGuest(ask).digest),
    },
    wrongVersion,
  ],
  run: (ask) =>
    patchContext(ask.p, otherAt(ask), {
      ...incoming(ask),
      state: 'RUNNING',
      agent: spaOf(ask.p, ask.sender),
      agentReportId: ask.guest.reportId,
    }),
});

export const ABSORB_NOMA = guestMessage({
  type: 15,
  name: 'MSG_ABSORB_NOMA_REQ',
  purpose: 'Let the guest that asks, which has no migration agent, become the one that arrives.',
  source: REQUEST,
  answerBytes: 16,
  checks: [
    reservedFields(({ payload }) => !areZero(payload, 0, 8) || !areZero(payload, 0x10, 0x20)),
    {
      id: 'asp.msg-noma-agent',
      says: 'the guest has a migration agent',
      status: 'INVALID_GUEST',
      source: REQUEST,
      holds: ({ guest }) => guest.agent !== null,
    },
    {
      id: 'asp.msg-noma-image',
      says: 'the digest of the arriving guest’s initial migration image is not that of this guest, nor its launch digest',
      status: 'BAD_MEASUREMENT',
      source: REQUEST,
      holds: (ask) => !sameImage(ask, ask.guest.digest) || !sameImage(ask, ask.guest.imd),
    },
    wrongVersion,
  ],
  run: (ask) => {
    const { idKeyDigest, authorKeyDigest, authorKey, idBlock } = ask.guest;
    const identity = { idKeyDigest, authorKeyDigest, authorKey, idBlock };
    patchContext(ask.p, ask.sender, { ...incoming(ask), ...identity });
  },
});
