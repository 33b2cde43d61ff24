import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '@noble/hashes/sha2.js';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeAmdCertificate } from '../../engine/asp/crypto/amdCertificate';
import { decodeCertificate } from '../../engine/asp/crypto/certificate';
import { toHex } from '../../engine/core/bytes';
import { dispatch } from '../dispatch';
import { amdText, sevText } from './certificate-text';
import { type Files, platform } from './testing/platform';

const root = mkdtempSync(join(tmpdir(), 'sevscope-certificates-'));
afterAll(() => rmSync(root, { recursive: true }));

function check(...args: string[]): { code: number; out: string[]; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const code = dispatch(['check', ...args], {
    line: (text) => out.push(text),
    error: (text) => err.push(text),
  });
  return { code, out, err };
}

const LINKS = [
  ['ark', 'ark', 1, 'RSA-PSS sha256'],
  ['ask', 'ark', 1, 'RSA-PSS sha256'],
  ['oca', 'oca', 1, 'ECDSA-SHA256'],
  ['cek', 'ask', 1, 'RSA-SHA256'],
  ['pek', 'oca', 1, 'ECDSA-SHA256'],
  ['pek', 'cek', 2, 'ECDSA-SHA256'],
  ['pdh', 'pek', 1, 'ECDSA-SHA256'],
] as const;

function describeChain(files: Files) {
  const named = Object.entries(files).map(([name, bytes]) => [
    name,
    { file: `our-${name}.cert`, size: bytes.length, sha256: toHex(sha256(bytes)) },
  ]);
  const places = (text: string) =>
    text.split(', ').map((place) => ({ usage: place.split(' ')[0], algo: place.split(' ')[1] }));
  const sev = (['cek', 'oca', 'pek', 'pdh'] as const).flatMap((name) => {
    const certificate = decodeCertificate(files[name]);
    if (!certificate) return [];
    const text = sevText(certificate);
    return [[name, { ...text, signatures: places(text.signatures) }]];
  });
  const amd = (['ark', 'ask'] as const).flatMap((name) => {
    const certificate = decodeAmdCertificate(files[name]);
    return certificate ? [[name, amdText(certificate)]] : [];
  });
  return {
    files: Object.fromEntries(named),
    sev_certs: Object.fromEntries(sev),
    ca_certs: Object.fromEntries(amd),
    links: LINKS.map(([child, signer, signature, kind]) => ({ child, signer, signature, kind, valid: true })),
  };
}

type Chain = ReturnType<typeof describeChain>;

const ours = platform(2048);

/** A folder with a chain in it, after a change of its files or its description. */
function folder(name: string, changeFiles: Partial<Files> = {}, change: (chain: Chain) => void = () => {}) {
  const path = join(root, name);
  const files = { ...ours, ...changeFiles };
  const chain = describeChain(ours);
  change(chain);
  mkdirSync(path);
  for (const [member, bytes] of Object.entries(files)) writeFileSync(join(path, `our-${member}.cert`), bytes);
  writeFileSync(join(path, 'chain.json'), JSON.stringify(chain));
  return path;
}

const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe('a chain of our own', () => {
  it('passes as a description, as a folder and certificate by certificate', () => {
    const path = folder('good');
    expect(check(join(path, 'chain.json'))).toEqual({ code: 0, out: ['19 passed, 0 failed'], err: [] });
    expect(check(path)).toEqual({ code: 0, out: ['26 passed, 0 failed'], err: [] });
    const files = ['ark', 'ask', 'cek', 'oca', 'pek', 'pdh'].map((name) => join(path, `our-${name}.cert`));
    expect(check(...files)).toEqual({ code: 0, out: ['7 passed, 0 failed'], err: [] });
  });

  it('fails with a changed byte, and says which signature is wrong', () => {
    const path = folder('flipped', { pdh: flip(ours.pdh, 4) });
    expect(check(join(path, 'our-pdh.cert'))).toEqual({
      code: 1,
      out: ['our-pdh.cert signed by PEK: signature: expected valid, got bad-signature', '0 passed, 1 failed'],
      err: [],
    });
    const { out } = check(join(path, 'chain.json'));
    expect(out).toContain('pdh signed by pek: signature: expected valid, got bad-signature');
    expect(out).toContain('fields of pdh: api_major: expected 1, got 0');
    expect(out.at(-1)).toBe('16 passed, 3 failed');
  });

  it('passes where a description says that a signature is wrong, and it is', () => {
    const pdh = flip(ours.pdh, 4);
    const path = folder('known', { pdh }, (chain) => {
      Object.assign(chain, describeChain({ ...ours, pdh }));
      chain.links[6] = { ...(chain.links[6] as Chain['links'][number]), valid: false };
    });
    expect(check(join(path, 'chain.json')).out).toEqual(['19 passed, 0 failed']);
    const wrong = folder('doubted', {}, (chain) => {
      chain.links[6] = { ...(chain.links[6] as Chain['links'][number]), valid: false };
    });
    expect(check(join(wrong, 'chain.json')).out[0]).toBe(
      'pdh signed by pek: signature: expected refused, got valid',
    );
  });

  it.each<[string, (chain: Chain) => void, RegExp]>([
    ['a hash', (chain) => Object.assign(chain.files.pek ?? {}, { sha256: '00' }), /^file of pek: sha256: /],
    [
      'a size',
      (chain) => Object.assign(chain.files.ark ?? {}, { size: 1 }),
      /^file of ark: size: expected 1, /,
    ],
    [
      'a file',
      (chain) => Object.assign(chain.files.ask ?? {}, { file: 'no' }),
      /^file of ask: run: .*no such file/,
    ],
    [
      'a field',
      (chain) => Object.assign(chain.sev_certs.oca, { qx: 'ff' }),
      /^fields of oca: qx: expected ff, /,
    ],
    ['an AMD field', (chain) => Object.assign(chain.ca_certs.ask, { pubexp: 3 }), /^fields of ask: pubexp: /],
    [
      'a place',
      (chain) => Object.assign(chain.links[5] ?? {}, { signature: 1 }),
      /^pek signed by cek: place: /,
    ],
    [
      'a kind',
      (chain) => Object.assign(chain.links[3] ?? {}, { kind: 'none' }),
      /^cek signed by ask: kind: /,
    ],
    ['a signer', (chain) => Object.assign(chain.links[4] ?? {}, { signer: 'pdh' }), /pdh does not sign pek/],
  ])('fails when its description has %s wrong', (name, change, message) => {
    const { code, out } = check(join(folder(`wrong ${name}`, {}, change), 'chain.json'));
    expect(code).toBe(1);
    expect(out[0]).toMatch(message);
  });

  it('is checked in all links, also when its description forgets them', () => {
    const path = folder('forgotten', { pdh: flip(ours.pdh, 4) }, (chain) => {
      chain.links = [];
    });
    expect(check(join(path, 'chain.json')).out).toContain(
      'pdh signed by pek: signature: expected valid, got bad-signature',
    );
  });

  it('has to be there: a certificate alone lacks its signer', () => {
    const path = folder('alone');
    for (const name of ['oca', 'pek', 'cek', 'ask', 'ark']) rmSync(join(path, `our-${name}.cert`));
    expect(check(join(path, 'our-pdh.cert')).out[0]).toMatch(/no certificate of the PEK lies beside it$/);
    rmSync(join(path, 'our-pdh.cert'));
    expect(check(path).err).toEqual([`${path}: it is a directory that holds no certificates.`]);
  });

  it('reads nothing outside its folder', () => {
    writeFileSync(join(root, 'outside.cert'), ours.pdh);
    const path = folder('inside', {}, (chain) => {
      Object.assign(chain.files.pdh ?? {}, { file: '../outside.cert' });
    });
    expect(check(join(path, 'chain.json')).out[0]).toMatch(/^file of pdh: run: .*no such file/);
  });
});

describe('files that are no certificates', () => {
  it.each([
    ['a certificate cut short', ours.pek.subarray(0, 2083)],
    ['zeros', new Uint8Array(100)],
  ])('%s', (name, bytes) => {
    const path = join(root, `${name}.cert`);
    writeFileSync(path, bytes);
    expect(check(path)).toMatchObject({ code: 1, out: ['0 passed, 1 failed'] });
  });

  it('bytes as long as one', () => {
    const path = join(root, 'as-long.cert');
    writeFileSync(path, new Uint8Array(2084).fill(9).fill(0, 0, 4));
    expect(check(path).out[0]).toMatch(/use: expected ARK, ASK, .* got a certificate of use 0x9090909$/);
  });
});

const real = fileURLToPath(new URL('../../../../shared/vectors/sev-certs', import.meta.url));

describe.skipIf(!existsSync(real))('the real chain (skipped where the shared vectors are absent)', () => {
  it('passes', () => {
    expect(check(real)).toEqual({ code: 0, out: ['26 passed, 0 failed'], err: [] });
  });

  it('fails with another’s certificate in it', () => {
    const mixed = join(root, 'mixed');
    cpSync(real, mixed, { recursive: true });
    rmSync(join(mixed, 'naples-oca.cert'), { force: true });
    writeFileSync(join(mixed, 'naples-oca.cert'), ours.oca);
    const { out } = check(join(mixed, 'naples-chain.json'));
    expect(out).toContain('pek signed by oca: signature: expected valid, got bad-signature');
  });
});
