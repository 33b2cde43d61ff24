import { ID_AUTH_BYTES, ID_BLOCK_BYTES } from '../../asp/snp/idBlock';
import { fromBase64 } from '../../core/base64';
import { toHex } from '../../core/bytes';
import { keysOf } from './dialects';
import type { Refusal, Step } from './draft';
import type { Reader } from './reader';

/** 32 bytes that the host puts into the guest’s reports. */
const HOST_DATA_BYTES = 32;

function bytesOf(reader: Reader, key: string, length: number): string | Refusal | undefined {
  const text = reader.string(key);
  if (text === undefined) return undefined;
  const bytes = fromBase64(text);
  if (bytes?.length === length) return toHex(bytes);
  const what = bytes ? `${bytes.length} bytes` : 'no base64';
  return { error: `${key} takes ${length} bytes as base64, and this is ${what}.`, key };
}

const isRefusal = (value: string | Refusal | undefined): value is Refusal => typeof value === 'object';

/** What the owner of an SNP guest signed, and what the host adds to its reports: `id_block`, `id_auth`, `author_key`, `host_data`. */
export const aboutIdentity: Step = (draft, reader, dialect) => {
  if (!keysOf(dialect).has('id_block')) return null;
  const block = bytesOf(reader, 'id_block', ID_BLOCK_BYTES);
  if (isRefusal(block)) return block;
  const auth = bytesOf(reader, 'id_auth', ID_AUTH_BYTES);
  if (isRefusal(auth)) return auth;
  const hostData = bytesOf(reader, 'host_data', HOST_DATA_BYTES);
  if (isRefusal(hostData)) return hostData;
  if ((block === undefined) !== (auth === undefined)) {
    const [given, missing] = block === undefined ? ['id_auth', 'id_block'] : ['id_block', 'id_auth'];
    return { error: `${given} needs ${missing}: a block counts only with who vouches for it.`, key: given };
  }
  const author = reader.bool('author_key') ?? false;
  if (block !== undefined && auth !== undefined) draft.identity = { block, auth, author };
  if (hostData !== undefined) draft.hostData = hostData;
  return null;
};
