import { drawSecret } from '../secrets';
import { patchContext } from '../snp/context';
import { incomingRoot } from '../snp/exportedContext';
import { spaOf } from '../snp/pages';
import { incoming, incomingBytes, wrongVersion } from './arrival';
import { areZero, guestMessage, REQUEST, reservedFields } from './message';
import { otherAt, otherIn, otherIsContext } from './otherGuest';

export const IMPORT = guestMessage({
  type: 9,
  name: 'MSG_IMPORT_REQ',
  purpose: 'Let a guest that comes from another machine go on in a new context; who asks becomes its agent.',
  source: REQUEST,
  answerBytes: 16,
  checks: [
    reservedFields((ask) => (otherAt(ask) & 0xfffn) !== 0n || !areZero(ask.payload, 0x10, 0x20)),
    wrongVersion,
    otherIsContext,
    otherIn('INIT'),
    {
      id: 'asp.msg-import-root',
      says: 'the context has no valid metadata entry of a root page: its memory was not swapped out',
      status: 'INVALID_MDATA_ENTRY',
      source: REQUEST,
      holds: (ask) => incomingRoot(incomingBytes(ask)) === null,
    },
  ],
  run: (ask) =>
    patchContext(ask.p, otherAt(ask), {
      ...incoming(ask),
      state: 'RUNNING',
      imi: false,
      agent: spaOf(ask.p, ask.sender),
      agentReportId: ask.guest.reportId,
      reportId: drawSecret(ask.p, 'report id'),
    }),
});
