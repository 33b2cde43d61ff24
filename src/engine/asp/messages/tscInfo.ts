import { u32, u64 } from '../../core/bytes';
import { TSC_FACTOR, tscScale } from '../snp/secureTsc';
import { areZero, guestMessage, REQUEST, reservedFields } from './message';

const BYTES = 128;
const AT = { scale: 0x08, offset: 0x10, factor: 0x18 } as const;

export const TSC_INFO = guestMessage({
  type: 17,
  name: 'MSG_TSC_INFO_REQ',
  purpose: 'Tell how fast the guest’s clock runs, for the VMSAs that it makes itself.',
  source: REQUEST,
  answerBytes: BYTES,
  checks: [reservedFields(({ payload }) => !areZero(payload, 0, BYTES))],
  run: ({ guest }, out) => {
    out.set(u64(tscScale(guest.tscFrequency)), AT.scale);
    out.set(u64(BigInt(guest.tscOffset)), AT.offset);
    out.set(u32(TSC_FACTOR), AT.factor);
  },
});
