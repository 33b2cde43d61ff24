import { concatBytes } from '@noble/hashes/utils.js';
import { u32 } from '../../core/bytes';
import { GUID_BYTES, guidBytes } from './guid';

/** One secret that a guest owner sends. */
export interface SecretEntry {
  readonly guid: string;
  readonly data: Uint8Array;
}

/** GUID of the table that firmware and kernel look for (edk2 OvmfPkg; virtee/sevctl secret.rs). */
const TABLE = '1e74f542-71dd-4d66-963e-ef4287ff173b';
const HEAD_BYTES = GUID_BYTES + 4;
/** LAUNCH_SECRET takes multiples of 16 bytes. */
const ALIGNMENT = 16;

const block = (guid: string, data: Uint8Array): Uint8Array =>
  concatBytes(guidBytes(guid), u32(HEAD_BYTES + data.length), data);

/** The page of secrets as an owner lays it out: GUID, length and data of each, padded with zeros to a multiple of 16. */
export function secretTable(entries: readonly SecretEntry[]): Uint8Array {
  const table = block(TABLE, concatBytes(...entries.map(({ guid, data }) => block(guid, data))));
  const padded = new Uint8Array(Math.ceil(table.length / ALIGNMENT) * ALIGNMENT);
  padded.set(table);
  return padded;
}
