import { ecdsaSign, type KeyPair, keyPairFrom } from '../../engine/asp/crypto/ecc';
import { encodePoint, encodeSignature } from '../../engine/asp/crypto/eccFields';
import { ID_AUTH_BYTES, ID_BLOCK_BYTES } from '../../engine/asp/snp/idBlock';
import { fromHex, toHex, u32, u64 } from '../../engine/core/bytes';
import type { ContextCell } from '../../engine/core/snpCells';
import { filler } from './lab';
import { spoiled } from './owner';

/** What the owner of an SNP guest signs: the launch digest and the policy that it expects. Wrong in one respect where a trace says so. */
const SEED_BYTES = 56;
const ID_KEY = keyPairFrom(filler('id key', SEED_BYTES));
const AUTHOR_KEY = keyPairFrom(filler('author key', SEED_BYTES));

const BLOCK = { digest: 0x00, version: 0x50, policy: 0x58 } as const;
const AUTH = {
  idAlgorithm: 0x00,
  authorAlgorithm: 0x04,
  blockSignature: 0x40,
  idKey: 0x240,
  idKeySignature: 0x680,
  authorKey: 0x880,
} as const;

const ECDSA_P384_SHA384 = 1;

/** Signatures by what is signed: traces begin again and again with the same guest. */
const signed = new Map<string, Uint8Array>();

function signature(of: Uint8Array, { secret }: KeyPair): Uint8Array {
  const name = toHex(of);
  const made = signed.get(name) ?? encodeSignature(ecdsaSign(secret, of, 'sha384'));
  signed.set(name, made);
  return made;
}

function blockFor({ digest, policy }: Pick<ContextCell, 'digest' | 'policy'>, how: string): Uint8Array {
  const block = new Uint8Array(ID_BLOCK_BYTES);
  block.set(how === 'badld' ? spoiled(fromHex(digest), 0) : fromHex(digest), BLOCK.digest);
  block.set(u32(1), BLOCK.version);
  block.set(u64(BigInt(policy) ^ (how === 'badpolicy' ? 1n : 0n)), BLOCK.policy);
  return block;
}

/** ID block and authentication page. @param how good, badld, badpolicy, badalgo, badsig, badauthsig. */
export function identityFor(
  guest: Pick<ContextCell, 'digest' | 'policy'>,
  how: string,
): { readonly block: Uint8Array; readonly auth: Uint8Array } {
  const block = blockFor(guest, how);
  const idKey = encodePoint(ID_KEY);
  const auth = new Uint8Array(ID_AUTH_BYTES);
  auth.set(u32(how === 'badalgo' ? 2 : ECDSA_P384_SHA384), AUTH.idAlgorithm);
  auth.set(u32(ECDSA_P384_SHA384), AUTH.authorAlgorithm);
  auth.set(signature(block, ID_KEY), AUTH.blockSignature);
  auth.set(idKey, AUTH.idKey);
  auth.set(signature(idKey, AUTHOR_KEY), AUTH.idKeySignature);
  auth.set(encodePoint(AUTHOR_KEY), AUTH.authorKey);
  if (how === 'badsig') return { block, auth: spoiled(auth, AUTH.blockSignature) };
  if (how === 'badauthsig') return { block, auth: spoiled(auth, AUTH.idKeySignature) };
  return { block, auth };
}
