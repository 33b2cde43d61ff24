import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesEqual, u32 } from '../../core/bytes';
import { decodeAmdCertificate } from './amdCertificate';
import { bigFrom, bytesFrom } from './bigint';
import {
  ALGO,
  type CertificateSigner,
  decodeCertificate,
  encodeCertificate,
  newCertificate,
  type SevCertificate,
  signCertificate,
  USAGE,
} from './certificate';
import { type CertificateChain, type ChainMember, verifyChain } from './chain';
import { type KeyPair, keyPairFrom } from './ecc';

const MEMBERS = ['ark', 'ask', 'cek', 'oca', 'pek', 'pdh'] as const satisfies readonly ChainMember[];
type Files = Record<ChainMember, Uint8Array>;

function decode(files: Files): CertificateChain | null {
  const [ark, ask] = [decodeAmdCertificate(files.ark), decodeAmdCertificate(files.ask)];
  const [cek, oca, pek, pdh] = [files.cek, files.oca, files.pek, files.pdh].map(decodeCertificate);
  return ark && ask && cek && oca && pek && pdh ? { ark, ask, cek, oca, pek, pdh } : null;
}

const verdicts = (files: Files): string[] => {
  const chain = decode(files);
  return chain ? verifyChain(chain).map(({ verdict }) => verdict) : ['malformed'];
};

const little = (base64url: string | undefined, length: number) =>
  bytesFrom(bigFrom(Buffer.from(base64url ?? '', 'base64url'), 'big'), length, 'little');

/** A signature of AMD's kind by another implementation, little-endian. */
const rsaSign = (key: KeyObject, hash: string, body: Uint8Array) =>
  sign(hash, body, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }).reverse();

function amdFile(
  bits: number,
  usage: number,
  names: number[],
  key: KeyObject,
  signer: KeyObject,
): Uint8Array {
  const { n, e } = key.export({ format: 'jwk' });
  const [own = 0, parent = 0] = names;
  const id = (name: number) => new Uint8Array(16).fill(name);
  const body = Buffer.concat([
    u32(1),
    id(own),
    id(parent),
    u32(usage),
    new Uint8Array(16),
    u32(bits),
    u32(bits),
    little(e, bits / 8),
    little(n, bits / 8),
  ]);
  return new Uint8Array(Buffer.concat([body, rsaSign(signer, bits === 2048 ? 'sha256' : 'sha384', body)]));
}

const pair = (n: number) => keyPairFrom(new Uint8Array(56).fill(n));

const certificate = (usage: number, algo: number, point: KeyPair) =>
  newCertificate({ apiMajor: 1, apiMinor: 55, usage, algo, point });

const roots = (modulusLength: number): KeyObject[] =>
  [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength }).privateKey);

/** A platform of our own, its chip key signed by RSA keys of that size. */
function platform(bits: 2048 | 4096, [ark, ask] = roots(bits)): Files {
  if (!ark || !ask) throw new Error('no keys');
  const hash = bits === 2048 ? 'SHA256' : 'SHA384';
  const ecdsa = ALGO[`ECDSA-${hash}`];
  const keys = { cek: pair(1), oca: pair(2), pek: pair(3), pdh: pair(4) };
  const by = (usage: number, { secret }: KeyPair): CertificateSigner => ({ usage, algo: ecdsa, secret });
  const signed = (on: SevCertificate, ...signers: CertificateSigner[]) =>
    signers.reduce((so, signer) => signCertificate(so, signer) ?? so, on);

  const bare = certificate(USAGE.CEK, ecdsa, keys.cek);
  const value = new Uint8Array(512);
  value.set(rsaSign(ask, hash.toLowerCase(), encodeCertificate(bare).subarray(0, 0x414)));
  const asks = { usage: USAGE.ASK, algo: ALGO[`RSA-${hash}`], value };
  const [, second] = bare.signatures;
  const files: Files = {
    ark: amdFile(bits, USAGE.ARK, [1, 1], ark, ark),
    ask: amdFile(bits, USAGE.ASK, [2, 1], ask, ark),
    cek: encodeCertificate({ ...bare, signatures: [asks, second] }),
    oca: encodeCertificate(signed(certificate(USAGE.OCA, ecdsa, keys.oca), by(USAGE.OCA, keys.oca))),
    pek: encodeCertificate(
      signed(certificate(USAGE.PEK, ecdsa, keys.pek), by(USAGE.OCA, keys.oca), by(USAGE.CEK, keys.cek)),
    ),
    pdh: encodeCertificate(
      signed(certificate(USAGE.PDH, ALGO[`ECDH-${hash}`], keys.pdh), by(USAGE.PEK, keys.pek)),
    ),
  };
  return files;
}

const VALID = new Array(7).fill('valid');
const OUR_ROOTS = roots(2048);
const OURS = platform(2048, OUR_ROOTS);

/** Bytes of a file that no signature covers and nobody reads: the unused part of signature places. */
function isPadding(member: ChainMember, at: number): boolean {
  if (member === 'ark' || member === 'ask' || at < 0x414) return false;
  const [place, offset] = at < 0x61c ? [0, at - 0x414] : [1, at - 0x61c];
  if (offset < 8) return false;
  if (place === 1 && member !== 'pek') return true;
  return offset >= 8 + (member === 'cek' ? 256 : 144);
}

function flipped(files: Files, member: ChainMember, bit: number): Files {
  const copy = files[member].slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return { ...files, [member]: copy };
}

describe('a chain of certificates', () => {
  it.each([2048, 4096] as const)('with RSA keys of %i bits holds in all seven links', (bits) => {
    expect(verdicts(platform(bits))).toEqual(VALID);
  });

  it('with any flipped bit that somebody reads or signed is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MEMBERS), fc.nat(), (member, at) => {
        const bit = at % (8 * OURS[member].length);
        fc.pre(!isPadding(member, bit >> 3));
        expect(verdicts(flipped(OURS, member, bit))).not.toEqual(VALID);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused with certificates in each other’s place, or of another platform', () => {
    const other = platform(2048);
    for (const member of MEMBERS) {
      if (bytesEqual(OURS[member], other[member])) continue;
      expect(verdicts({ ...OURS, [member]: other[member] }), member).not.toEqual(VALID);
    }
    for (const [a, b] of [
      ['oca', 'pek'],
      ['pek', 'pdh'],
      ['cek', 'oca'],
      ['ark', 'ask'],
    ] as const) {
      expect(verdicts({ ...OURS, [a]: OURS[b], [b]: OURS[a] }), `${a} and ${b}`).not.toEqual(VALID);
      expect(verdicts({ ...OURS, [a]: OURS[b] }), `${b} as ${a}`).not.toEqual(VALID);
    }
  });

  it('needs the ASK to name the ARK that signed it', () => {
    const [ark, ask] = OUR_ROOTS;
    if (!ark || !ask) throw new Error('no keys');
    const renamed = amdFile(2048, USAGE.ASK, [2, 9], ask, ark);
    expect(verdicts({ ...OURS, ask: renamed })[1]).toBe('malformed');
    expect(verdicts({ ...OURS, ask: amdFile(2048, USAGE.ASK, [2, 1], ask, ark) })).toEqual(VALID);
    expect(verdicts({ ...OURS, ask: amdFile(2048, USAGE.ARK, [2, 1], ask, ark) })[1]).toBe('wrong-usage');
  });

  it('says where it breaks', () => {
    const bit = 8 * 0x20;
    const broken = (member: ChainMember) =>
      verifyChain(decode(flipped(OURS, member, bit)) as CertificateChain)
        .filter(({ verdict }) => verdict !== 'valid')
        .map(({ child, signer, verdict }) => `${child} by ${signer}: ${verdict}`);
    expect(broken('pdh')).toEqual(['pdh by pek: bad-signature']);
    expect(broken('pek')).toEqual([
      'pek by oca: bad-signature',
      'pek by cek: bad-signature',
      'pdh by pek: malformed',
    ]);
  });

  it('of the wrong length is no certificate', () => {
    for (const member of MEMBERS) {
      const bytes = OURS[member];
      for (const wrong of [bytes.subarray(1), Uint8Array.of(...bytes, 0), new Uint8Array(0)])
        expect(verdicts({ ...OURS, [member]: wrong })).toEqual(['malformed']);
    }
  });
});

const real = (member: string) =>
  fileURLToPath(new URL(`../../../../../shared/vectors/sev-certs/naples-${member}.cert`, import.meta.url));

describe.skipIf(!existsSync(real('ark')))(
  'a real chain (skipped where the shared vectors are absent)',
  () => {
    const files = () =>
      Object.fromEntries(
        MEMBERS.map((member) => [member, new Uint8Array(readFileSync(real(member)))]),
      ) as Files;

    it('holds in all seven links', () => {
      expect(verdicts(files())).toEqual(VALID);
    });

    it('comes back byte by byte after decoding', () => {
      for (const member of ['cek', 'oca', 'pek', 'pdh'] as const) {
        const bytes = files()[member];
        expect(encodeCertificate(decodeCertificate(bytes) as SevCertificate)).toEqual(bytes);
      }
    });

    it('and ours do not vouch for each other', () => {
      for (const member of MEMBERS)
        expect(verdicts({ ...files(), [member]: OURS[member] }), member).not.toEqual(VALID);
    });
  },
);
