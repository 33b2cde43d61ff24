import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ID_AUTH_BYTES, ID_BLOCK_BYTES } from '../idBlock';

// Keys and signatures are made with node’s own cryptography and laid out by hand, independent of the code under test.

const little = (bytes: Uint8Array) => Uint8Array.from(bytes).reverse();

function keyBytes(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const bytes = new Uint8Array(0x404);
  bytes[0] = 2;
  bytes.set(little(Buffer.from(x, 'base64url')), 4);
  bytes.set(little(Buffer.from(y, 'base64url')), 4 + 72);
  return bytes;
}

function signatureBytes(message: Uint8Array, key: KeyObject): Uint8Array {
  const rs = sign('sha384', message, { key, dsaEncoding: 'ieee-p1363' });
  const bytes = new Uint8Array(512);
  bytes.set(little(rs.subarray(0, 48)), 0);
  bytes.set(little(rs.subarray(48)), 72);
  return bytes;
}

/** An ID block of SVN 7 with its page of keys and signatures, both keys new. */
export function madeIdBlock() {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const [id, author] = [pair(), pair()];
  const launchDigest = Uint8Array.from({ length: 48 }, (_, i) => 200 - i);
  const block = new Uint8Array(ID_BLOCK_BYTES);
  block.set(launchDigest);
  block.fill(0xfa, 0x30, 0x40);
  block.fill(0x1d, 0x40, 0x50);
  block.set([1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0x0b], 0x50);

  const [idKey, authorKey] = [keyBytes(id.publicKey), keyBytes(author.publicKey)];
  const auth = new Uint8Array(ID_AUTH_BYTES);
  auth.set([1, 0, 0, 0, 1, 0, 0, 0]);
  auth.set(signatureBytes(block, id.privateKey), 0x40);
  auth.set(idKey, 0x240);
  auth.set(signatureBytes(idKey, author.privateKey), 0x680);
  auth.set(authorKey, 0x880);
  return { block, auth, idKey, authorKey, launchDigest, policy: 0xb0000n };
}
