/** Raw DEFLATE (RFC 1951) by the platform's own streams. */
export async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await pump(new CompressionStream('deflate-raw'), bytes, Number.POSITIVE_INFINITY);
  if (!packed) throw new Error('unbounded compression ended early');
  return packed;
}

/**
 * Unpacks raw DEFLATE. Reading stops as soon as more than `limit` bytes came out, so that a small input cannot fill the
 * memory. `damaged`: not DEFLATE, or cut off.
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | 'too large' | 'damaged'> {
  try {
    return (await pump(new DecompressionStream('deflate-raw'), bytes, limit)) ?? 'too large';
  } catch {
    return 'damaged';
  }
}

/** What comes out, or null when it is more than `limit` bytes. @throws TypeError on data that the stream refuses. */
async function pump(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const written = writer.write(bytes).then(() => writer.close());
  // The reader below reports the same error; without this it would count as unhandled as well.
  written.catch(() => {});
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const piece = await reader.read();
    if (piece.done) break;
    total += piece.value.length;
    if (total > limit) {
      await reader.cancel();
      return null;
    }
    pieces.push(piece.value);
  }
  await written;
  const out = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
