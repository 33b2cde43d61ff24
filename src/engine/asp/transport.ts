import type { HandleCell, TransportSource } from '../core/aspCells';
import { fromHex } from '../core/bytes';
import { Kept } from '../core/kept';
import type { Platform } from '../core/platform';
import { ECC_BYTES, ecdhX } from './crypto/ecc';
import { type TransportKeys, unwrapSession } from './crypto/session';
import { keyPair } from './identity';
import { secretBytes } from './secrets';

/** Unwrapping means a multiplication on the curve; the last few answers are kept beside the configuration. */
const kept = new Kept<TransportKeys | null>(64);

/**
 * The transport keys inside a session buffer, as the holder of the PDH works them out; null when the MAC of the wrapped keys
 * does not fit, or the point is not on the curve.
 */
export function sessionTransport(
  p: Platform,
  { pdh, point, session }: Extract<TransportSource, { by: 'session' }>,
): TransportKeys | null {
  return kept.once(p.config, `${pdh} ${point} ${session}`, () => {
    const coordinates = fromHex(point);
    const z = ecdhX(
      keyPair(p, pdh).secret,
      coordinates.subarray(0, ECC_BYTES),
      coordinates.subarray(ECC_BYTES),
    );
    return z && unwrapSession(fromHex(session), z);
  });
}

const KEY_BYTES = 16;

/**
 * TEK and TIK of a guest. A guest that was started without a session has none; the firmware's zeroed context then serves as
 * its keys (modelled), so anybody could make packets for it.
 */
export function transportKeys(p: Platform, { transport }: Pick<HandleCell, 'transport'>): TransportKeys {
  if (!transport) return { tek: new Uint8Array(KEY_BYTES), tik: new Uint8Array(KEY_BYTES) };
  if (transport.by === 'firmware') {
    const bytes = secretBytes(p.config, transport.name, 2 * KEY_BYTES);
    return { tek: bytes.subarray(0, KEY_BYTES), tik: bytes.subarray(KEY_BYTES) };
  }
  const keys = sessionTransport(p, transport);
  if (!keys) throw new Error('a guest was accepted with a session that does not unwrap');
  return keys;
}
