import { ecdsaSign, type KeyPair, keyPairFrom } from '../asp/crypto/ecc';
import { encodePoint, encodeSignature } from '../asp/crypto/eccFields';
import { secretBytes } from '../asp/secrets';
import { ID_AUTH_BYTES, ID_BLOCK_BYTES } from '../asp/snp/idBlock';
import { launchDigest } from '../asp/snp/launchDigest';
import { PAGE_SIZE } from '../core/address';
import { toBase64 } from '../core/base64';
import { toHex, u32, u64 } from '../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { kindOf, memoryOf, policyOf } from '../toolstack/defaults';
import { putFile, readConfig, words } from '../toolstack/files';
import { bootImage, entriesOf, placed } from '../toolstack/image';
import { measuredRuns } from '../toolstack/snpImage';
import { FIRST_VMSA_GFN } from '../xen/domctl/snp';
import { vmsaAt } from '../xen/vmsa';
import type { XlConfig } from '../xen/xl/config';
import { parseXl, withExtra } from '../xen/xl/parse';

const SIGNED: Rule = {
  id: 'owner.id-block',
  says: 'Who knows the image can work out the launch digest before the launch, and sign it with the policy: the firmware then finishes no other launch under that signature.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_finish); virtee/snpguest (generate id-block)',
  standing: 'published',
};

const NOT_SNP: Rule = {
  id: 'owner.id-block-snp',
  says: 'An ID block is about an SNP guest whose whole image its owner knows.',
  source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_finish); guests with a monitor are left out (modelled)',
  standing: 'modelled',
};

const SNP_ACTIVE = 1n;
const ECDSA_P384_SHA384 = 1;
const SECRET_BYTES = 56;
const FORMAT = 1;

/** What the image of a guest of this memory and so many vCPUs must come to. */
function expectedDigest(p: Platform, config: XlConfig): Uint8Array {
  const { cmdline = '', vcpus, sevFeatures = 0 } = config;
  const memory = memoryOf(config);
  const shape = { memory, sev: true };
  const segments = placed(p, shape, bootImage(cmdline, false));
  const registers = entriesOf(p, { vcpus, ...shape }).map((entry, vcpu) => ({
    what: 'VMSA',
    type: 'VMSA' as const,
    gpa: (FIRST_VMSA_GFN + vcpu) * PAGE_SIZE,
    pages: 1,
    bytes: vmsaAt(entry, SNP_ACTIVE | BigInt(sevFeatures)),
  }));
  return launchDigest([...measuredRuns(p, shape, segments), ...registers]);
}

const keyOf = ({ config }: Platform, name: string): KeyPair =>
  keyPairFrom(secretBytes(config, `owner · ${name}`, SECRET_BYTES));

function blockOf(digest: Uint8Array, policy: number): Uint8Array {
  const block = new Uint8Array(ID_BLOCK_BYTES);
  block.set(digest);
  block.set(u32(FORMAT), 0x50);
  block.set(u64(BigInt(policy)), 0x58);
  return block;
}

/** The page that vouches for a block: the ID key’s signature, and the author key’s of that key. */
function vouched(p: Platform, block: Uint8Array, forged: boolean): Uint8Array {
  const [idKey, author] = [keyOf(p, 'ID key'), keyOf(p, 'author key')];
  const signer = forged ? keyOf(p, 'nobody’s key') : idKey;
  const auth = new Uint8Array(ID_AUTH_BYTES);
  const key = encodePoint(idKey);
  auth.set(u32(ECDSA_P384_SHA384), 0);
  auth.set(u32(ECDSA_P384_SHA384), 4);
  auth.set(encodeSignature(ecdsaSign(signer.secret, block, 'sha384')), 0x40);
  auth.set(key, 0x240);
  auth.set(encodeSignature(ecdsaSign(author.secret, key, 'sha384')), 0x680);
  auth.set(encodePoint(author), 0x880);
  return auth;
}

export interface SigningWish {
  readonly file: string;
  readonly extra: string | undefined;
  readonly policy: number | undefined;
  readonly forged: boolean;
}

/** The owner signs what they expect, and Domain-0 gets the configuration with it. Answers with the file and the digest. */
export function signIdentity(p: Platform, wish: SigningWish): Outcome<JsonObject> {
  const { file, extra, forged } = wish;
  const text = readConfig(p, file);
  const parsed = text === null ? null : parseXl(withExtra(text, words(extra)), p.config.xen);
  if (
    text === null ||
    !parsed?.ok ||
    kindOf(p, parsed.config) !== 'sev-snp' ||
    parsed.config.svsm ||
    parsed.config.firmware
  ) {
    const why = parsed?.ok ? 'is no plain SNP guest’s' : 'is no configuration that can be read';
    return p.trace.refused(
      refuse(NOT_SNP, 'refused', `${file} ${why}.`, { file }, 'alice.cfg on a machine with SEV-SNP.'),
    );
  }
  const { config } = parsed;
  const policy = wish.policy ?? policyOf(p, config);
  const digest = expectedDigest(p, config);
  const block = blockOf(digest, policy);
  const name = `${config.name}-id.cfg`;
  const lines = [
    ...words(extra),
    `id_block = "${toBase64(block)}"`,
    `id_auth = "${toBase64(vouched(p, block, forged))}"`,
    'author_key = 1',
  ];
  p.trace.fact(
    'note',
    { what: 'over the network', to: 'dom0', sent: 'ID block', guest: config.name },
    SIGNED,
    block,
  );
  putFile(p, name, withExtra(text, lines));
  return ok({ guest: config.name, file: name, digest: toHex(digest), policy });
}
