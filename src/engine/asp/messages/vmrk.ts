import { patchContext } from '../snp/context';
import { secretInside } from './arrival';
import { areZero, guestMessage, REQUEST, reservedFields } from './message';
import { isAgent, otherAt, otherGuest, otherIn, otherIsContext } from './otherGuest';

const KEY_AT = 0x20;

export const VMRK = guestMessage({
  type: 13,
  name: 'MSG_VMRK_REQ',
  purpose:
    'Give a guest that is being launched the root key that moves along with it; its migration agent chooses it.',
  source: REQUEST,
  answerBytes: 16,
  checks: [
    {
      id: 'asp.msg-vmrk-vmpck',
      says: 'the message did not come with VMPCK0',
      status: 'INVALID_PARAM',
      source: REQUEST,
      holds: ({ vmpck }) => vmpck !== 0,
    },
    reservedFields((ask) => (otherAt(ask) & 0xfffn) !== 0n || !areZero(ask.payload, 8, KEY_AT)),
    otherIsContext,
    otherIn('LAUNCH'),
    {
      id: 'asp.msg-vmrk-imi',
      says: 'that guest waits to absorb another one (IMI_EN)',
      status: 'INVALID_GUEST_STATE',
      source: REQUEST,
      holds: (ask) => otherGuest(ask).imi,
    },
    {
      id: 'asp.msg-vmrk-agent',
      says: 'who asks is not that guest’s migration agent',
      status: 'INVALID_GUEST',
      source: REQUEST,
      holds: (ask) => !isAgent(ask),
    },
  ],
  run: (ask) => {
    const { keys } = otherGuest(ask);
    if (!keys) throw new Error('a guest that is being launched has keys');
    patchContext(ask.p, otherAt(ask), { keys: { ...keys, vmrk: secretInside(ask, KEY_AT) } });
  },
});
