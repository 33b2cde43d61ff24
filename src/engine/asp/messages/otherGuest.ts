import { readU64 } from '../../core/bytes';
import type { ContextCell, SnpGuestState } from '../../core/snpCells';
import type { RawAddress } from '../memory';
import { contextOf } from '../snp/context';
import { findPage, inTable, spaOf } from '../snp/pages';
import { type Ask, type MessageCheck, REQUEST } from './message';

/** Messages of a migration agent are about another guest, whose context page they name first. */
export const otherAt = ({ payload }: Ask): RawAddress => readU64(payload, 0);

export const otherGuest = (ask: Ask): ContextCell => contextOf(ask.p, otherAt(ask));

export const otherIsContext: MessageCheck = {
  id: 'asp.msg-other-context',
  says: 'the page that the message names is no guest context',
  status: 'INVALID_GUEST',
  source: REQUEST,
  holds: (ask) => {
    if (inTable(ask.p, otherAt(ask))) return 'INVALID_PARAM';
    return findPage(ask.p, otherAt(ask)).state !== 'Context';
  },
};

export const otherIn = (state: SnpGuestState): MessageCheck => ({
  id: `asp.msg-other-${state.toLowerCase()}`,
  says: `that guest’s state is not ${state}`,
  status: 'INVALID_GUEST_STATE',
  source: REQUEST,
  holds: (ask) => otherGuest(ask).state !== state,
});

/** Is the guest that asks the migration agent of the other one: by place, and by who it was when they were bound? */
export function isAgent(ask: Ask): boolean {
  const { agent, agentReportId } = otherGuest(ask);
  return agent === spaOf(ask.p, ask.sender) && agentReportId === ask.guest.reportId;
}
