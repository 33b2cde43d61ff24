import { toHex } from './bytes';
import type { JsonObject } from './json';

const MOST = 256;

/** Bytes as an action's result shows them: at most the first 256, in hexadecimal and as text. */
export function shown(bytes: Uint8Array): JsonObject {
  const head = bytes.subarray(0, MOST);
  const text = Array.from(head, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join(
    '',
  );
  return { hex: toHex(head), text, length: bytes.length };
}
