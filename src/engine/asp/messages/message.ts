import type { Platform } from '../../core/platform';
import type { ContextCell } from '../../core/snpCells';
import type { RawAddress } from '../memory';
import type { StatusName } from '../status';

/** A guest’s question while the firmware works on it. */
export interface Ask {
  readonly p: Platform;
  /** Context page of the guest that asks, as the command named it. */
  readonly sender: RawAddress;
  /** That guest as it was when it asked. */
  readonly guest: ContextCell;
  /** Number of the key that protects the message, 0 to 3: who asks inside of the guest. */
  readonly vmpck: number;
  /** What the message says, with zeros behind it up to what fits into a page. */
  readonly payload: Uint8Array;
  /** The message as it lay in memory, encrypted: a name for secrets that are in it. */
  readonly message: Uint8Array;
}

/** One thing that is tested; when it holds, the answer only carries its status. Tested in the order of the list. */
export interface MessageCheck {
  readonly id: string;
  readonly says: string;
  readonly status: StatusName;
  readonly source: string;
  /** True, or a more exact status than the usual one. */
  readonly holds: (ask: Ask) => boolean | StatusName;
}

/** A question that guests may ask, with its answer; the answer’s type is the next number (AMD-ASPFW sev_rmp.h). */
export interface GuestMessage {
  readonly type: number;
  readonly name: string;
  readonly purpose: string;
  readonly source: string;
  /** Bytes of the answer; `as asked`: as many as the question has. */
  readonly answerBytes: number | 'as asked';
  readonly checks: readonly MessageCheck[];
  /** What the answer says whatever the checks find. @param out the answer, behind whose first 4 bytes it goes. */
  readonly prepare?: (ask: Ask, out: Uint8Array) => void;
  /** What happens, and what the answer says, when no check holds. */
  readonly run: (ask: Ask, out: Uint8Array) => void;
}

export const guestMessage = (definition: GuestMessage): GuestMessage => definition;

export const REQUEST = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_guest_request)';

/** Are all of these bytes 0? */
export const areZero = (bytes: Uint8Array, from: number, to: number): boolean =>
  bytes.subarray(from, to).every((byte) => byte === 0);

export const reservedFields = (holds: (ask: Ask) => boolean): MessageCheck => ({
  id: 'asp.msg-reserved',
  says: 'a reserved field of the message is not 0',
  status: 'INVALID_PARAM',
  source: REQUEST,
  holds,
});
