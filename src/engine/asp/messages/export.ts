import { PAGE_SIZE } from '../../core/address';
import { readU32, u32 } from '../../core/bytes';
import { HEADER_BYTES } from '../crypto/guestMessage';
import { decommission } from '../snp/decommission';
import { EXPORT_BYTES, EXPORT_VERSION, exportContext } from '../snp/exportedContext';
import { spaOf } from '../snp/pages';
import { type Ask, guestMessage, REQUEST, reservedFields } from './message';
import { isAgent, otherAt, otherGuest, otherIn, otherIsContext } from './otherGuest';

/** A guest’s context leaves the machine, encrypted for its agent, or for itself. */
const AT = { flags: 0x08, reserved: 0x0c } as const;
const OUT = { size: 0x04, version: 0x08, context: 0x20 } as const;

/** IMI_EN: only a copy goes, and the guest stays. */
const isCopy = ({ payload }: Ask): boolean => (readU32(payload, AT.flags) & 1) !== 0;

const isItself = (ask: Ask): boolean =>
  spaOf(ask.p, otherAt(ask)) === spaOf(ask.p, ask.sender) && ask.guest.agent === null;

export const EXPORT = guestMessage({
  type: 7,
  name: 'MSG_EXPORT_REQ',
  purpose:
    'Hand a guest’s context to its migration agent, or to the guest itself; the guest ends here unless only a copy is wanted.',
  source: REQUEST,
  answerBytes: PAGE_SIZE - HEADER_BYTES,
  checks: [
    reservedFields(
      (ask) =>
        (otherAt(ask) & 0xfffn) !== 0n ||
        readU32(ask.payload, AT.flags) >>> 1 !== 0 ||
        readU32(ask.payload, AT.reserved) !== 0,
    ),
    otherIsContext,
    otherIn('RUNNING'),
    {
      id: 'asp.msg-export-agent',
      says: 'who asks is not that guest’s migration agent, nor that guest itself and without an agent',
      status: 'INVALID_GUEST',
      source: REQUEST,
      holds: (ask) => !isAgent(ask) && !isItself(ask),
    },
    {
      id: 'asp.msg-export-vmpck',
      says: 'a guest exports itself, and the message did not come with VMPCK0',
      status: 'INVALID_GUEST',
      source: REQUEST,
      holds: (ask) => isItself(ask) && ask.vmpck !== 0,
    },
  ],
  prepare: (_, out) => {
    out.set(u32(EXPORT_BYTES), OUT.size);
    out.set(u32(EXPORT_VERSION), OUT.version);
  },
  run: (ask, out) => {
    const guest = otherGuest(ask);
    out.set(exportContext(ask.p, isCopy(ask) ? { ...guest, root: null } : guest), OUT.context);
    if (!isCopy(ask)) decommission(ask.p, otherAt(ask));
  },
});
