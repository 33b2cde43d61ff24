import { fromHex } from '../../core/bytes';
import type { Platform } from '../../core/platform';
import type { SecretSource } from '../../core/snpCells';
import { openMessage } from '../crypto/guestMessage';
import { secretBytes } from '../secrets';

/** Bytes of an SNP guest's keys, all of them. */
const KEY_BYTES = 32;

/** Messages are opened once: state names the message, and the plaintext is only kept beside it. */
const opened = new WeakMap<object, Uint8Array>();

/** The bytes of a guest's secret, by where it came from. @throws Error for a message that does not open: a bug of ours. */
export function secretOf(p: Platform, source: SecretSource): Uint8Array {
  if (typeof source === 'string') return secretBytes(p.config, source, KEY_BYTES);
  const known = opened.get(source);
  if (known) return known;
  const payload = openMessage(secretOf(p, source.key), fromHex(source.message));
  if (!payload) throw new Error('a secret was accepted in a message that does not open');
  const bytes = payload.slice(source.offset, source.offset + KEY_BYTES);
  opened.set(source, bytes);
  return bytes;
}
