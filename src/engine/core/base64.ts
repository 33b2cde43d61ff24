const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SHAPE = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes as base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = Math.min(3, bytes.length - at);
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let letter = 0; letter < 4; letter++)
      text += letter <= left ? LETTERS[(word >>> (18 - 6 * letter)) & 0x3f] : '=';
  }
  return text;
}

/** The bytes of such a text; null when it is none. */
export function fromBase64(text: string): Uint8Array | null {
  if (!SHAPE.test(text)) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, out = 0; at < text.length; at += 4, out += 3) {
    let word = 0;
    for (const letter of text.slice(at, at + 4)) word = (word << 6) | Math.max(0, LETTERS.indexOf(letter));
    for (let i = 0; i < 3 && out + i < bytes.length; i++) bytes[out + i] = (word >>> (16 - 8 * i)) & 0xff;
  }
  return bytes;
}
