import { sha256 } from '@noble/hashes/sha2.js';
import type { PlatformIdentity } from '../core/aspCells';
import { fromHex } from '../core/bytes';
import { Kept } from '../core/kept';
import type { Platform } from '../core/platform';
import { ALGO, decodeCertificate, encodeCertificate, type SevCertificate, USAGE } from './crypto/certificate';
import { type KeyPair, keyPairFrom } from './crypto/ecc';
import { kdf } from './crypto/kdf';
import { platformOf } from './platform';
import { blank, SIGNS, signed } from './platformCertificate';
import { drawSecret, secretBytes } from './secrets';

/**
 * The keys that name a platform and their certificates (crypto-and-attestation.md 2.2; AMD-ASPFW sev_plat.c, sev_cert.c).
 * State holds only their names: key pairs and signatures are worked out when something is exported, and kept beside the
 * configuration, because INIT must be cheap.
 */
const SEED_BYTES = 56;

const pairs = new Kept<KeyPair>();
const certificates = new Kept<SevCertificate>();

/** The key pair of that name. */
export const keyPair = (p: Platform, name: string): KeyPair =>
  pairs.once(p.config, name, () => keyPairFrom(secretBytes(p.config, name, SEED_BYTES)));

/** The number that is burnt into the chip of a socket: 64 bytes, public (GET_ID). */
export const chipId = (p: Platform, socket: number): Uint8Array =>
  secretBytes(p.config, socket === 0 ? 'chip id' : `chip id ${socket}`, 64);

/** The chip endorsement key follows from a secret of the chip, whatever firmware asks (AMD-ASPFW sev_plat.c). */
export const cekPair = (p: Platform): KeyPair =>
  pairs.once(p.config, 'cek', () => {
    const chip = sha256(secretBytes(p.config, 'chip-unique key', 32));
    return keyPairFrom(kdf(chip, 'sev-chip-endorsement-key', new Uint8Array(0), SEED_BYTES));
  });

/** OCA, PEK and PDH: what is missing is drawn; a new OCA forces a new PEK, and that a new PDH. */
export function completeIdentity(p: Platform, stored: PlatformIdentity | null): PlatformIdentity {
  if (stored) return stored;
  return {
    oca: drawSecret(p, 'oca'),
    pek: drawSecret(p, 'pek'),
    pdh: drawSecret(p, 'pdh'),
    imported: null,
  };
}

/** The identity in force. @throws Error before INIT: a bug of ours. */
export function identityOf(p: Platform): PlatformIdentity {
  const { identity } = platformOf(p);
  if (!identity) throw new Error('the platform has no identity before INIT');
  return identity;
}

const AGREES = ALGO['ECDH-SHA256'];

const imported = (hex: string): SevCertificate => {
  const certificate = decodeCertificate(fromHex(hex));
  if (!certificate) throw new Error('an imported certificate has the wrong length');
  return certificate;
};

/** The PEK's certificate as PEK_CSR gives it out: nobody has signed it. */
export const pekRequest = (p: Platform): SevCertificate =>
  blank(USAGE.PEK, SIGNS, keyPair(p, identityOf(p).pek));

/** The certificate of one of the platform's keys. */
export function certificateOf(p: Platform, which: 'oca' | 'pek' | 'pdh' | 'cek'): SevCertificate {
  if (which === 'cek') return certificates.once(p.config, 'cek', () => blank(USAGE.CEK, SIGNS, cekPair(p)));
  const identity = identityOf(p);
  if (identity.imported && which !== 'pdh') return imported(identity.imported[which]);
  return certificates.once(p.config, `${which} ${JSON.stringify(identity)}`, () => {
    const pair = keyPair(p, identity[which]);
    switch (which) {
      case 'oca':
        return signed(blank(USAGE.OCA, SIGNS, pair), USAGE.OCA, pair);
      case 'pek':
        return signed(
          signed(blank(USAGE.PEK, SIGNS, pair), USAGE.OCA, keyPair(p, identity.oca)),
          USAGE.CEK,
          cekPair(p),
        );
      case 'pdh':
        return signed(blank(USAGE.PDH, AGREES, pair), USAGE.PEK, keyPair(p, identity.pek));
    }
  });
}

export const certificateBytes = (p: Platform, which: 'oca' | 'pek' | 'pdh' | 'cek'): Uint8Array =>
  encodeCertificate(certificateOf(p, which));
