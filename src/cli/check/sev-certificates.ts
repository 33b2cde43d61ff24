import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { decodeAmdCertificate } from '../../engine/asp/crypto/amdCertificate';
import { decodeCertificate } from '../../engine/asp/crypto/certificate';
import { type CertificateChain, type ChainLink, verifyChain } from '../../engine/asp/crypto/chain';
import { toHex } from '../../engine/core/bytes';
import { algoText, amdText, sevText } from './certificate-text';
import { type Beside, type CaseResult, type Compare, isRecord, type Recogniser, runCase } from './result';

const SEV_MEMBERS = ['cek', 'oca', 'pek', 'pdh'] as const;
const AMD_MEMBERS = ['ark', 'ask'] as const;
const members = z.enum([...AMD_MEMBERS, ...SEV_MEMBERS]);

const files = z.partialRecord(
  members,
  z.object({ file: z.string(), size: z.number().optional(), sha256: z.string().optional() }),
);

const value = z.union([z.number(), z.string()]).transform(String);

const sevFields = z.object({
  version: value,
  api_major: value,
  api_minor: value,
  pubkey_usage: value,
  pubkey_algo: value,
  curve: value,
  qx: value,
  qy: value,
  signatures: z
    .array(z.object({ usage: z.string(), algo: z.string() }))
    .transform((places) => places.map(({ usage, algo }) => `${usage} ${algo}`).join(', ')),
});

const amdFields = z.object({
  version: value,
  key_usage: value,
  key_id: value,
  certifying_id: value,
  modulus_bits: value,
  pubexp: value,
  size: value,
});

const link = z.object({
  child: members,
  signature: z.literal([1, 2]).optional(),
  signer: members,
  kind: z.string(),
  valid: z.boolean(),
});

const fail = (reason: string): never => {
  throw new Error(reason);
};

/** The certificates of a chain as far as their files are there and are certificates. */
type Found = { -readonly [K in keyof CertificateChain]?: CertificateChain[K] };

const compareFields = <F extends Record<string, string>>(expected: F, got: F, compare: Compare): void => {
  for (const [field, text] of Object.entries(got)) compare(field, String(expected[field]), text);
};

const section = (json: unknown, name: string): Record<string, unknown> => {
  const value = isRecord(json) ? json[name] : undefined;
  return isRecord(value) ? value : {};
};

/** Reads the files that the description names, and compares their size and hash. */
function runFiles(json: unknown, beside: Beside): { found: Found; results: CaseResult[] } {
  const found: Found = {};
  const results = Object.keys(section(json, 'files')).map((name) =>
    runCase(`file of ${name}`, (compare) => {
      const member = members.parse(name);
      const named = files.parse(section(json, 'files'))[member];
      if (!named) return;
      const bytes = beside(named.file);
      if (named.size !== undefined) compare('size', String(named.size), String(bytes.length));
      if (named.sha256 !== undefined) compare('sha256', named.sha256, toHex(sha256(bytes)));
      const decoded =
        member === 'ark' || member === 'ask' ? decodeAmdCertificate(bytes) : decodeCertificate(bytes);
      Object.assign(found, { [member]: decoded ?? fail(`${named.file}: not a certificate of ${name}`) });
    }),
  );
  return { found, results };
}

function runFields(json: unknown, found: Found): CaseResult[] {
  const missing = (name: string) => fail(`no certificate of ${name} was read`);
  return [
    ...Object.entries(section(json, 'sev_certs')).map(([name, fields]) =>
      runCase(`fields of ${name}`, (compare) => {
        const member = z.enum(SEV_MEMBERS).parse(name);
        compareFields(sevFields.parse(fields), sevText(found[member] ?? missing(name)), compare);
      }),
    ),
    ...Object.entries(section(json, 'ca_certs')).map(([name, fields]) =>
      runCase(`fields of ${name}`, (compare) => {
        const member = z.enum(AMD_MEMBERS).parse(name);
        compareFields(amdFields.parse(fields), amdText(found[member] ?? missing(name)), compare);
      }),
    ),
  ];
}

const isWhole = (found: Found): found is CertificateChain =>
  [...AMD_MEMBERS, ...SEV_MEMBERS].every((name) => found[name] !== undefined);

const linkName = ({ child, signer }: { child: string; signer: string }): string =>
  `${child} signed by ${signer}`;

/** How a link is called in these files: the place and algorithm of the signature that proves it. */
function describeLink(
  chain: CertificateChain,
  { child, signer }: ChainLink,
): { place: string; kind: string } {
  const of = chain[child];
  if (!('signatures' in of)) {
    const hash = of.modulusBits === 2048 ? 'sha256' : 'sha384';
    return { place: '1', kind: `RSA-PSS ${hash}` };
  }
  const at = of.signatures.findIndex(({ usage }) => usage === chain[signer].usage);
  const slot = of.signatures[at];
  return { place: String(at + 1), kind: slot ? algoText(slot.algo) : 'none' };
}

/** The links that the file names, and then those that it forgot, which have to be valid as well. */
function runLinks(json: unknown, found: Found): CaseResult[] {
  const list = isRecord(json) && Array.isArray(json.links) ? json.links : [];
  if (!isWhole(found)) return [runCase('links', () => fail('the chain is not complete'))];
  const links = verifyChain(found);
  const named = list.map((entry: unknown, i) => {
    const parsed = link.safeParse(entry);
    return runCase(parsed.success ? linkName(parsed.data) : `links[${i}]`, (compare) => {
      const { child, signer, signature, kind, valid } = link.parse(entry);
      const checked = links.find((one) => linkName(one) === linkName({ child, signer }));
      if (!checked) return fail(`${signer} does not sign ${child}`);
      const isValid = checked.verdict === 'valid';
      compare('signature', valid ? 'valid' : 'refused', !valid && !isValid ? 'refused' : checked.verdict);
      const described = describeLink(found, checked);
      compare('kind', kind, described.kind);
      if (signature !== undefined) compare('place', String(signature), described.place);
    });
  });
  const forgotten = links.filter((one) => named.every(({ id }) => id !== linkName(one)));
  return [
    ...named,
    ...forgotten.map((one) =>
      runCase(linkName(one), (compare) => compare('signature', 'valid', one.verdict)),
    ),
  ];
}

/** A chain of SEV certificates with its files beside it, in the format of `naples-chain.json`. */
export const sevCertificates: Recogniser = {
  name: 'chains of SEV certificates',
  recognises: (json) =>
    isRecord(json) && isRecord(json.files) && (isRecord(json.sev_certs) || isRecord(json.ca_certs)),
  run(json, beside = (name) => fail(`${name}: nothing lies beside it`)) {
    const { found, results } = runFiles(json, beside);
    return [...results, ...runFields(json, found), ...runLinks(json, found)];
  },
};
