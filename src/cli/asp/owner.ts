import { concatBytes } from '@noble/hashes/utils.js';
import { amdCertificates, signCek } from '../../engine/asp/amdRoot';
import {
  ALGO,
  certificatePoint,
  encodeCertificate,
  newCertificate,
  type SevCertificate,
  signCertificate,
  USAGE,
} from '../../engine/asp/crypto/certificate';
import { ecdhX, type KeyPair, keyPairFrom, type PublicPoint } from '../../engine/asp/crypto/ecc';
import { wrapSession } from '../../engine/asp/crypto/session';
import { certificateBytes, certificateOf, pekRequest } from '../../engine/asp/identity';
import { FIRMWARE, platformOf } from '../../engine/asp/platform';
import { toHex } from '../../engine/core/bytes';
import type { Platform } from '../../engine/core/platform';
import { filler } from './lab';

/** What others make for the firmware: a guest's owner, a platform's owner, AMD. Wrong in one respect where a trace says so. */
const SEED_BYTES = 56;
const OWNER = keyPairFrom(filler('owner', SEED_BYTES));
const AUTHORITY = keyPairFrom(filler('authority', SEED_BYTES));
const STRANGER = keyPairFrom(filler('stranger', SEED_BYTES));

const certify = (usage: number, algo: number, point: KeyPair): SevCertificate =>
  newCertificate({ apiMajor: FIRMWARE.major, apiMinor: FIRMWARE.minor, usage, algo, point });

const KEYS = { tek: filler('tek', 16), tik: filler('tik', 16) };

/** A byte changed. */
export function spoiled(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

/** Offsets in a certificate and in a session buffer. */
const SIGNATURE_1 = 0x41c;
const SIGNATURE_2 = 0x624;
const KEY_X = 0x14;
const WRAP_MAC = 0x40;
const POLICY_MAC = 0x60;

/** Key agreements by the other side's point: traces begin again and again with the same platform. */
const agreed = new Map<string, Uint8Array>();

function agree({ x, y }: PublicPoint): Uint8Array {
  const name = toHex(x);
  const known = agreed.get(name);
  if (known) return known;
  const z = ecdhX(OWNER.secret, x, y);
  if (!z) throw new Error('the platform’s PDH is not on the curve');
  agreed.set(name, z);
  return z;
}

/** The owner's certificate and session buffer for a policy. @param how as the trace says: good, badcert, badpoint… */
export function session(
  p: Platform,
  how: string,
  policy: number,
): { certificate: Uint8Array; session: Uint8Array } {
  const own = encodeCertificate(certify(USAGE.PDH, ALGO['ECDH-SHA256'], OWNER));
  const certificate = how === 'badcert' ? spoiled(own, 0) : how === 'badpoint' ? spoiled(own, KEY_X) : own;
  const pdh = platformOf(p).identity ? certificatePoint(certificateOf(p, 'pdh')) : STRANGER;
  if (!pdh) throw new Error('the platform’s PDH is not on the curve');
  const good = wrapSession({
    z: agree(pdh),
    nonce: filler('nonce', 16),
    iv: filler('iv', 16),
    keys: KEYS,
    policy,
  });
  if (how === 'badwrapmac') return { certificate, session: spoiled(good, WRAP_MAC) };
  if (how === 'badpolicymac') return { certificate, session: spoiled(good, POLICY_MAC) };
  return { certificate, session: good };
}

const signedBy = (certificate: SevCertificate, signer: KeyPair): SevCertificate => {
  const signed = signCertificate(certificate, {
    usage: USAGE.OCA,
    algo: ALGO['ECDSA-SHA256'],
    secret: signer.secret,
  });
  if (!signed) throw new Error('no place for a signature');
  return signed;
};

/** What the owner of a platform brings to PEK_CERT_IMPORT. */
export function ownership(p: Platform, how: string): { pek: Uint8Array; oca: Uint8Array } {
  const algo = ALGO['ECDSA-SHA256'];
  const foreign = how === 'wrongpek' || !platformOf(p).identity;
  const request = foreign ? certify(USAGE.PEK, algo, STRANGER) : pekRequest(p);
  const pek = encodeCertificate(signedBy(request, AUTHORITY));
  const oca = encodeCertificate(signedBy(certify(USAGE.OCA, algo, AUTHORITY), AUTHORITY));
  return {
    pek: how === 'badpeksig' ? spoiled(pek, SIGNATURE_1) : pek,
    oca: how === 'badocasig' ? spoiled(oca, SIGNATURE_1) : oca,
  };
}

/** Everything that SEND_START may want to see of the receiver, which is this platform itself. */
export interface Receiver {
  readonly pdh: Uint8Array;
  readonly platform: Uint8Array;
  readonly amd: Uint8Array;
}

/** Of an AMD certificate: the key's name, and where its signature begins. */
const AMD_KEY_ID = 0x04;
const AMD_MODULUS = 0x140;
const AMD_SIGNATURE = 0x240;

/** @param how one thing wrong: badarksig, badasksig, badceksig, badpeksig, badpdhsig, badarkhash, badarkid. */
export function receiver(p: Platform, how: string): Receiver {
  const { ask, ark } = amdCertificates();
  const spoil = (name: string, bytes: Uint8Array, at: number) => (how === name ? spoiled(bytes, at) : bytes);
  if (!platformOf(p).identity) {
    const nobody = new Uint8Array(0x824);
    return { pdh: nobody, platform: concatBytes(nobody, nobody, nobody), amd: concatBytes(ask, ark) };
  }
  const cek = spoil('badceksig', encodeCertificate(signCek(certificateOf(p, 'cek'))), SIGNATURE_1);
  const pek = spoil('badpeksig', spoil('badpeksig', certificateBytes(p, 'pek'), SIGNATURE_1), SIGNATURE_2);
  const root = spoil(
    'badarkhash',
    spoil('badarkid', spoil('badarksig', ark, AMD_SIGNATURE), AMD_KEY_ID),
    AMD_MODULUS,
  );
  return {
    pdh: spoil('badpdhsig', certificateBytes(p, 'pdh'), SIGNATURE_1),
    platform: concatBytes(pek, certificateBytes(p, 'oca'), cek),
    amd: concatBytes(spoil('badasksig', ask, AMD_SIGNATURE), root),
  };
}
