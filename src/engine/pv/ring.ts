import { readU32, u32 } from '../core/bytes';
import { type Outcome, ok, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import type { ByteRing } from './layout';
import { PV_RULES } from './rules';
import type { Side } from './sides';

/** The two indices of a ring, as one side reads them. */
interface Indices {
  readonly cons: number;
  readonly prod: number;
}

/** Indices run on freely and wrap at 2^32; their lowest bits are the place. */
const used = ({ cons, prod }: Indices): number => (prod - cons) >>> 0;

/** Reads the indices; refuses those that no ring can have. */
function indicesOf(p: Platform, side: Side, ring: ByteRing): Outcome<Indices> {
  const cons = side.read(ring.cons, 4);
  if (!cons.ok) return cons;
  const prod = side.read(ring.prod, 4);
  if (!prod.ok) return prod;
  const found = { cons: readU32(cons.value, 0), prod: readU32(prod.value, 0) };
  if (used(found) <= ring.size) return ok(found);
  return p.trace.refused(
    refuse(
      PV_RULES.ringIndex,
      'EIO',
      `The ring “${ring.name}” of ${ring.size} bytes seems to hold ${used(found)}.`,
      { ring: ring.name, cons: found.cons, prod: found.prod, size: ring.size },
      'Both sides would have to read the same indices: the page would have to be shared.',
    ),
  );
}

/** Puts bytes behind those that nobody has taken yet: first the data, then the index. */
export function produce(p: Platform, side: Side, ring: ByteRing, bytes: Uint8Array): Outcome<number> {
  const found = indicesOf(p, side, ring);
  if (!found.ok) return found;
  const room = ring.size - used(found.value);
  if (bytes.length > room)
    return p.trace.refused(
      refuse(
        PV_RULES.ringFull,
        'EAGAIN',
        `The ring “${ring.name}” has room for ${room} bytes, and ${bytes.length} wait.`,
        { ring: ring.name, room, wanted: bytes.length },
        'The other side would have to take what is there.',
      ),
    );
  const start = found.value.prod % ring.size;
  const first = bytes.subarray(0, ring.size - start);
  for (const [at, part] of [
    [start, first],
    [0, bytes.subarray(first.length)],
  ] as const) {
    const put = part.length > 0 ? side.write(ring.at + at, part) : null;
    if (put && !put.ok) return put;
  }
  const moved = side.write(ring.prod, u32((found.value.prod + bytes.length) >>> 0));
  return moved.ok ? ok(bytes.length) : moved;
}

/** Takes everything that is there. */
export function consume(p: Platform, side: Side, ring: ByteRing): Outcome<Uint8Array> {
  const found = indicesOf(p, side, ring);
  if (!found.ok) return found;
  const out = new Uint8Array(used(found.value));
  if (out.length === 0) return ok(out);
  const start = found.value.cons % ring.size;
  for (let done = 0; done < out.length; ) {
    const at = (start + done) % ring.size;
    const part = side.read(ring.at + at, Math.min(out.length - done, ring.size - at));
    if (!part.ok) return part;
    out.set(part.value, done);
    done += part.value.length;
  }
  const moved = side.write(ring.cons, u32(found.value.prod));
  return moved.ok ? ok(out) : moved;
}
