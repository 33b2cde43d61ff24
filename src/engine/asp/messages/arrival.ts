import { readU32, toHex } from '../../core/bytes';
import type { SecretSource } from '../../core/snpCells';
import { EXPORT_BYTES, EXPORT_VERSION, type Incoming, importContext } from '../snp/exportedContext';
import { type Ask, type MessageCheck, REQUEST } from './message';

/** A guest’s context arrives in a message: its size and version, and behind 0x20 bytes the context. */
const AT = { size: 0x08, version: 0x0c, context: 0x20 } as const;

export const incomingBytes = ({ payload }: Ask): Uint8Array =>
  payload.subarray(AT.context, AT.context + EXPORT_BYTES);

export const wrongVersion: MessageCheck = {
  id: 'asp.msg-arrival-version',
  says: `the size of the context is not 0x${EXPORT_BYTES.toString(16)}, or its version not ${EXPORT_VERSION}`,
  status: 'INVALID_PARAM',
  source: REQUEST,
  holds: ({ payload }) =>
    readU32(payload, AT.size) !== EXPORT_BYTES || readU32(payload, AT.version) !== EXPORT_VERSION,
};

/** A secret that is in the message: state names the message and the place, never the bytes. @param offset in the payload. */
export function secretInside({ guest, vmpck, message }: Ask, offset: number): SecretSource {
  const key = guest.keys?.vmpck[vmpck];
  if (key === undefined) throw new Error('a guest without keys has sent a message');
  return { message: toHex(message), key, offset };
}

/** What the context brings along. */
export const incoming = (ask: Ask): Incoming =>
  importContext(incomingBytes(ask), (offset) => secretInside(ask, AT.context + offset));
