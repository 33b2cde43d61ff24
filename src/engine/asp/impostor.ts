import { concatBytes } from '@noble/hashes/utils.js';
import { bytesEqual } from '../core/bytes';
import { Kept } from '../core/kept';
import type { Platform } from '../core/platform';
import { amdCertificates, signCek } from './amdRoot';
import { ALGO, certificatePoint, decodeCertificate, encodeCertificate, USAGE } from './crypto/certificate';
import { ecdhX, type KeyPair, keyPairFrom } from './crypto/ecc';
import { ctr, decodePacketHeader, PACKET_CONTEXT, packetMac } from './crypto/packet';
import { unwrapSession } from './crypto/session';
import { certificateOf } from './identity';
import { takenCek } from './oldFirmware';
import { blank, SIGNS, signed } from './platformCertificate';
import { secretBytes } from './secrets';

/**
 * A platform that is none: keys that somebody has made on a desk, with certificates as a secure processor shows them. All of
 * it is arithmetic outside of the chip, with public bytes and, if an attacker has taken it, the chip’s endorsement key.
 */
const kept = new Kept<KeyPair>();

function ownPair({ config }: Platform, name: 'oca' | 'pek' | 'pdh' | 'cek'): KeyPair {
  return kept.once(config, name, () => keyPairFrom(secretBytes(config, `impostor · ${name}`, 56)));
}

/** What SEND_START takes of a receiver, as bytes. */
export interface ShownChain {
  /** 2084 bytes. */
  readonly pdh: Uint8Array;
  /** PEK, OCA and CEK, 2084 bytes each. */
  readonly others: Uint8Array;
  /** ASK and ARK, 832 bytes each. */
  readonly amd: Uint8Array;
}

/** The impostor’s certificates, with the chip’s own CEK as AMD has signed it. Without the chip’s key it signs with one of its own. */
export function impostorChain(p: Platform): ShownChain {
  const [oca, pek, pdh] = [ownPair(p, 'oca'), ownPair(p, 'pek'), ownPair(p, 'pdh')];
  const endorsed = takenCek(p) ?? ownPair(p, 'cek');
  const certificates = {
    oca: signed(blank(USAGE.OCA, SIGNS, oca), USAGE.OCA, oca),
    pek: signed(signed(blank(USAGE.PEK, SIGNS, pek), USAGE.OCA, oca), USAGE.CEK, endorsed),
    pdh: signed(blank(USAGE.PDH, ALGO['ECDH-SHA256'], pdh), USAGE.PEK, pek),
    cek: signCek(certificateOf(p, 'cek')),
  };
  const { ask, ark } = amdCertificates();
  return {
    pdh: encodeCertificate(certificates.pdh),
    others: concatBytes(...[certificates.pek, certificates.oca, certificates.cek].map(encodeCertificate)),
    amd: concatBytes(ask, ark),
  };
}

/** What left the sender, all of it public. */
export interface SentPacket {
  /** The sender’s PDH certificate, 2084 bytes. */
  readonly sender: Uint8Array;
  /** 128 bytes. */
  readonly session: Uint8Array;
  /** 52 bytes. */
  readonly header: Uint8Array;
  readonly data: Uint8Array;
}

/**
 * The plaintext of a packet that was sent to the impostor: key agreement with its own PDH, TEK and TIK out of the session, then the
 * packet. Null when something of it was not made for the impostor.
 */
export function openAsImpostor(
  p: Platform,
  { sender, session, header, data }: SentPacket,
): Uint8Array | null {
  const certificate = decodeCertificate(sender);
  const point = certificate && certificatePoint(certificate);
  const z = point && ecdhX(ownPair(p, 'pdh').secret, point.x, point.y);
  const keys = z && unwrapSession(session, z);
  if (!keys) return null;
  const { flags, iv, mac } = decodePacketHeader(header);
  const lengths = { guestLength: data.length, transLength: data.length };
  const wanted = packetMac({ context: PACKET_CONTEXT.data, tik: keys.tik, flags, iv, ...lengths, data });
  return bytesEqual(mac, wanted) ? ctr(keys.tek, iv, data) : null;
}
