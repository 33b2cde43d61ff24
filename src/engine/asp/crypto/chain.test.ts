import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amdFile, type Files, platform, roots } from '../../../cli/check/testing/platform';
import { bytesEqual } from '../../core/bytes';
import { decodeAmdCertificate } from './amdCertificate';
import { decodeCertificate, encodeCertificate, type SevCertificate, USAGE } from './certificate';
import { type CertificateChain, type ChainMember, verifyChain } from './chain';

const MEMBERS = ['ark', 'ask', 'cek', 'oca', 'pek', 'pdh'] as const satisfies readonly ChainMember[];

function decode(files: Files): CertificateChain | null {
  const [ark, ask] = [decodeAmdCertificate(files.ark), decodeAmdCertificate(files.ask)];
  const [cek, oca, pek, pdh] = [files.cek, files.oca, files.pek, files.pdh].map(decodeCertificate);
  return ark && ask && cek && oca && pek && pdh ? { ark, ask, cek, oca, pek, pdh } : null;
}

const verdicts = (files: Files): string[] => {
  const chain = decode(files);
  return chain ? verifyChain(chain).map(({ verdict }) => verdict) : ['malformed'];
};

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

  it('has a PEK in the PEK’s place, not an OCA that signed itself', () => {
    expect(verdicts({ ...OURS, pek: OURS.oca })[4]).toBe('wrong-usage');
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
