import { bytesEqual } from '../../core/bytes';
import { ecdsaVerify } from '../crypto/ecc';
import { decodePoint, decodeSignature } from '../crypto/eccFields';
import type { StatusName } from '../status';
import { decodeIdAuth, decodeIdBlock, type IdAuth, type IdBlock, keyDigest } from './idBlock';

/** An ID block as SNP_LAUNCH_FINISH gets it, beside what the firmware knows of the guest. */
export interface IdBlockInput {
  /** The 96 bytes that are signed. */
  readonly block: Uint8Array;
  /** The page with keys and signatures, 4096 bytes. */
  readonly auth: Uint8Array;
  /** AUTH_KEY_EN. */
  readonly authKeyEnabled: boolean;
  /** The guest’s launch digest, 48 bytes. */
  readonly launchDigest: Uint8Array;
  /** The guest’s policy. */
  readonly policy: bigint;
}

/** One thing that is tested; when it holds, the launch does not finish. Tested in the order of the list. */
export interface IdBlockCheck {
  readonly id: string;
  readonly says: string;
  readonly status: StatusName;
  readonly source: string;
  readonly holds: (input: IdBlockInput) => boolean;
}

const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_finish)';
/** ECDSA with P-384 and SHA-384, the only algorithm there is. */
const ECDSA_P384_SHA384 = 1;

/** Does a signature of 512 bytes over `message` verify with a key of 1028 bytes that is on P-384? */
function isSignedBy(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const point = decodePoint(key);
  const numbers = decodeSignature(signature);
  return point !== null && numbers !== null && ecdsaVerify(point, message, 'sha384', numbers);
}

/** Has the ID key, a point of P-384, signed these 96 bytes? */
export const idBlockSigned = (block: Uint8Array, { idKey, idBlockSignature }: IdAuth): boolean =>
  isSignedBy(idKey, block, idBlockSignature);

/** Has the author key, a point of P-384, signed the ID key? */
export const idKeySigned = ({ authorKey, idKey, idKeySignature }: IdAuth): boolean =>
  isSignedBy(authorKey, idKey, idKeySignature);

/** What SNP_LAUNCH_FINISH tests of an ID block, in the firmware’s order. */
export const ID_BLOCK_CHECKS: readonly IdBlockCheck[] = [
  {
    id: 'asp.id-block-digest',
    says: 'ID_BLOCK_EN: the ID block’s LD is not the guest’s launch digest',
    status: 'BAD_MEASUREMENT',
    source: SOURCE,
    holds: ({ block, launchDigest }) => !bytesEqual(decodeIdBlock(block).launchDigest, launchDigest),
  },
  {
    id: 'asp.id-block-policy',
    says: 'ID_BLOCK_EN: the ID block’s POLICY is not the guest’s policy',
    status: 'POLICY_FAILURE',
    source: SOURCE,
    holds: ({ block, policy }) => decodeIdBlock(block).policy !== policy,
  },
  {
    id: 'asp.id-key-algo',
    says: 'ID_BLOCK_EN: ID_KEY_ALGO, or with AUTH_KEY_EN AUTH_KEY_ALGO, is not 1, ECDSA P-384 with SHA-384',
    status: 'INVALID_PARAM',
    source: SOURCE,
    holds: ({ auth, authKeyEnabled }) => {
      const { idKeyAlgo, authKeyAlgo } = decodeIdAuth(auth);
      return idKeyAlgo !== ECDSA_P384_SHA384 || (authKeyEnabled && authKeyAlgo !== ECDSA_P384_SHA384);
    },
  },
  {
    id: 'asp.id-block-signature',
    says: 'ID_BLOCK_EN: the ID key is no point of P-384, or its signature of the ID block does not verify',
    status: 'BAD_SIGNATURE',
    source: SOURCE,
    holds: ({ block, auth }) => !idBlockSigned(block, decodeIdAuth(auth)),
  },
  {
    id: 'asp.id-key-signature',
    says: 'ID_BLOCK_EN and AUTH_KEY_EN: the author key is no point of P-384, or its signature of the ID key does not verify',
    status: 'BAD_SIGNATURE',
    source: SOURCE,
    holds: ({ auth, authKeyEnabled }) => authKeyEnabled && !idKeySigned(decodeIdAuth(auth)),
  },
];

/** What the firmware keeps of an ID block that it accepted; attestation reports repeat it. */
export interface Identity {
  readonly block: IdBlock;
  /** 48 bytes each; the author’s is null without AUTH_KEY_EN. */
  readonly idKeyDigest: Uint8Array;
  readonly authorKeyDigest: Uint8Array | null;
}

export type IdBlockVerdict =
  | { readonly status: 'SUCCESS'; readonly check: null; readonly identity: Identity }
  | { readonly status: StatusName; readonly check: IdBlockCheck; readonly identity: null };

/** Judges an ID block as SNP_LAUNCH_FINISH does; `check` is the first that holds. */
export function verifyIdBlock(input: IdBlockInput): IdBlockVerdict {
  const check = ID_BLOCK_CHECKS.find(({ holds }) => holds(input));
  if (check) return { status: check.status, check, identity: null };
  const { idKey, authorKey } = decodeIdAuth(input.auth);
  const authorKeyDigest = input.authKeyEnabled ? keyDigest(authorKey) : null;
  const block = decodeIdBlock(input.block);
  return {
    status: 'SUCCESS',
    check: null,
    identity: { block, idKeyDigest: keyDigest(idKey), authorKeyDigest },
  };
}
