import { describe, expect, it } from 'vitest';
import { toHex } from '../../core/bytes';
import {
  ALGO,
  CERTIFICATE_BYTES,
  type CertificateSigner,
  certificatePoint,
  decodeCertificate,
  encodeCertificate,
  newCertificate,
  type SevCertificate,
  signCertificate,
  USAGE,
} from './certificate';
import { keyPairFrom } from './ecc';
import {
  CERTIFICATE_STATUS,
  type CertificateKey,
  inspectCertificate,
  verifyCertificate,
} from './verifyCertificate';

const ECDSA = ALGO['ECDSA-SHA256'];
const [pekPair, pdhPair] = [1, 2].map((n) => keyPairFrom(new Uint8Array(56).fill(n))) as [
  ReturnType<typeof keyPairFrom>,
  ReturnType<typeof keyPairFrom>,
];
const signer: CertificateSigner = { usage: USAGE.PEK, algo: ECDSA, secret: pekPair.secret };
const pek: CertificateKey = { usage: USAGE.PEK, algo: ECDSA, key: pekPair };

const bare = newCertificate({
  apiMajor: 1,
  apiMinor: 55,
  usage: USAGE.PDH,
  algo: ALGO['ECDH-SHA256'],
  point: pdhPair,
});
const sign = (certificate: SevCertificate, by = signer): SevCertificate => {
  const signed = signCertificate(certificate, by);
  if (!signed) throw new Error('no free place');
  return signed;
};
const pdh = sign(bare);
const withKey = (at: number, value: number): SevCertificate => ({
  ...bare,
  key: bare.key.map((byte, i) => (i === at ? value : byte)),
});

describe('a SEV certificate', () => {
  it('has its fields where the format says', () => {
    const bytes = encodeCertificate(pdh);
    expect(bytes).toHaveLength(CERTIFICATE_BYTES);
    expect(toHex(bytes.subarray(0, 0x14))).toBe('0100000001370000031000000300000002000000');
    expect(toHex(bytes.subarray(0x14, 0x44))).toBe(toHex(pdhPair.x.slice().reverse()));
    expect(toHex(bytes.subarray(0x5c, 0x8c))).toBe(toHex(pdhPair.y.slice().reverse()));
    expect(toHex(bytes.subarray(0x414, 0x41c))).toBe('0210000002000000');
    expect(toHex(bytes.subarray(0x61c, 0x624))).toBe('0010000000000000');
    expect(decodeCertificate(bytes)).toEqual(pdh);
    expect(certificatePoint(pdh)).toEqual({ x: pdhPair.x, y: pdhPair.y });
  });

  it('keeps every byte, also of one that is refused', () => {
    const odd = Uint8Array.from({ length: CERTIFICATE_BYTES }, (_, i) => (i * 7 + 3) % 256);
    expect(encodeCertificate(decodeCertificate(odd) as SevCertificate)).toEqual(odd);
  });

  it('takes two signatures and no third', () => {
    const second = { ...signer, usage: USAGE.CEK };
    const twice = sign(pdh, second);
    expect(twice.signatures.map(({ usage }) => usage)).toEqual([USAGE.PEK, USAGE.CEK]);
    expect(signCertificate(twice, signer)).toBe(null);
    expect(sign(bare)).toEqual(pdh);
  });
});

describe('verifying', () => {
  const [slot, free] = pdh.signatures;
  const oca = { ...signer, usage: USAGE.OCA };

  it.each<[string, SevCertificate, CertificateKey, string]>([
    ['accepts the signer’s signature', pdh, pek, 'valid'],
    ['accepts it in the second place', { ...pdh, signatures: [free, slot] }, pek, 'valid'],
    ['finds no signature', bare, pek, 'unsigned'],
    ['finds a signature of another usage', sign(bare, oca), pek, 'unsigned'],
    ['finds one of another algorithm', pdh, { ...pek, algo: ALGO['ECDSA-SHA384'] }, 'unsigned'],
    ['finds a signature of another key', pdh, { ...pek, key: pdhPair }, 'bad-signature'],
    [
      'lets the last place of the signer decide',
      { ...pdh, signatures: [slot, { ...slot, value: free.value }] },
      pek,
      'bad-signature',
    ],
    [
      'forgives an earlier place of the signer',
      { ...pdh, signatures: [{ ...slot, value: free.value }, slot] },
      pek,
      'valid',
    ],
    [
      'refuses a usage without algorithm',
      { ...pdh, signatures: [slot, { ...free, usage: USAGE.CEK }] },
      pek,
      'bad-signature',
    ],
    [
      'refuses an algorithm without usage',
      { ...pdh, signatures: [slot, { ...free, algo: ECDSA }] },
      pek,
      'bad-signature',
    ],
    [
      'cannot verify with an ECDH key',
      { ...pdh, signatures: [{ ...slot, algo: ALGO['ECDH-SHA256'] }, free] },
      { ...pek, algo: ALGO['ECDH-SHA256'] },
      'unsupported',
    ],
    ['refuses a signer off the curve', pdh, { ...pek, key: { x: pekPair.y, y: pekPair.x } }, 'malformed'],
    ['refuses a signer of no known usage', pdh, { ...pek, usage: 7 }, 'malformed'],
    [
      'refuses a signer whose algorithm is not of its key',
      pdh,
      { ...pek, algo: ALGO['RSA-SHA256'] },
      'malformed',
    ],
    ['refuses another version', sign({ ...bare, version: 2 }), pek, 'malformed'],
    ['refuses a point off the curve', sign(withKey(5, 1)), pek, 'malformed'],
    ['refuses a longer number', sign(withKey(4 + 50, 1)), pek, 'malformed'],
    ['refuses another curve', sign(withKey(0, 1)), pek, 'malformed'],
    ['refuses a key of no known usage', sign({ ...bare, usage: 7 }), pek, 'malformed'],
    ['refuses a key of no known algorithm', sign({ ...bare, algo: 9 }), pek, 'malformed'],
    ['refuses what the signer may not sign', sign({ ...bare, usage: USAGE.CEK }), pek, 'wrong-usage'],
  ])('%s', (_, certificate, key, verdict) => {
    expect(verifyCertificate(certificate, key)).toBe(verdict);
  });

  it('lets each kind of key be signed by its own kind only', () => {
    const ECC_USAGES = [USAGE.OCA, USAGE.PEK, USAGE.PDH, USAGE.CEK];
    const allowed = ECC_USAGES.flatMap((usage) =>
      ECC_USAGES.filter(
        (by) =>
          verifyCertificate(sign({ ...bare, usage }, { ...signer, usage: by }), { ...pek, usage: by }) ===
          'valid',
      ).map((by) => [usage, by]),
    );
    expect(allowed).toEqual([
      [USAGE.OCA, USAGE.OCA],
      [USAGE.PEK, USAGE.OCA],
      [USAGE.PEK, USAGE.CEK],
      [USAGE.PDH, USAGE.PEK],
    ]);
  });

  it('has a status of the firmware for each verdict', () => {
    expect(new Set(Object.values(CERTIFICATE_STATUS))).toEqual(
      new Set(['SUCCESS', 'INVALID_CERTIFICATE', 'BAD_SIGNATURE', 'UNSUPPORTED']),
    );
  });
});

describe('inspecting the key of a session', () => {
  it.each<[string, SevCertificate, string]>([
    ['accepts one that nobody signed', bare, 'valid'],
    ['refuses another use', { ...bare, usage: USAGE.PEK }, 'wrong-usage'],
    ['refuses another algorithm', { ...bare, algo: ALGO['ECDH-SHA384'] }, 'wrong-algorithm'],
    ['refuses another version', { ...bare, version: 0 }, 'malformed'],
    ['refuses a point off the curve', withKey(80, 1), 'malformed'],
  ])('%s', (_, certificate, verdict) => {
    expect(inspectCertificate(certificate, USAGE.PDH, ALGO['ECDH-SHA256'])).toBe(verdict);
  });
});
