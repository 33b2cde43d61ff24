import { PAGE_SIZE } from '../core/address';
import { readU32, readU64, u32, u64 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { bounceBuffer } from '../guest/io';
import { guestAccess } from '../guest/kernelAccess';
import { notifyDomain0, notifyGuest } from './events';
import { endGrant, grantPage, withGranted } from './grants';
import { BLOCK, GRANT } from './layout';
import { pageNamed } from './pages';
import { PV_RULES } from './rules';
import { guestSide, notOwn, type Side } from './sides';

/** `pv.connect` grants the ring before anything else. */
const BLOCK_RING_REF = GRANT.reserved;

/** BLKIF_RSP_ERROR, as an unsigned 16-bit status. */
const FAILED = 0xffff;

/** One sector from or to the disk, as the frontend wants it. */
export interface BlockWish {
  readonly direction: 'write' | 'read';
  readonly via: 'bounce' | 'direct';
  /** GVA inside the sector-sized piece that moves. */
  readonly at: number;
  /** What the disk holds, for a read. */
  readonly disk: Uint8Array;
}

/** One request in the ring (struct blkif_request, with one segment). */
interface Request {
  readonly op: number;
  readonly id: bigint;
  readonly ref: number;
  /** First sector of the page. */
  readonly first: number;
}

/** Bytes up to the zeros at their end, for a result. */
function told(bytes: Uint8Array): JsonObject {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return shown(bytes.subarray(0, length));
}

/**
 * The guest’s block driver has Domain-0 write a sector of its memory to the disk, or read one from there: it grants the page
 * itself, or a shared page between which and the private one it copies. Answers with what the disk got, or with what the
 * guest finds.
 */
export function moveSector(p: Platform, domain: DomainCell, wish: BlockWish): Outcome<JsonObject> {
  const { direction, via } = wish;
  const at = wish.at - (wish.at % BLOCK.sector);
  const foreign = notOwn(domain, at);
  if (foreign) return foreign;
  const ring = pageNamed(p, domain, 'block ring');
  if (!ring.ok) return ring;
  const buffer = via === 'bounce' ? bouncePlace(p, domain, at) : ok(at);
  if (!buffer.ok) return buffer;
  if (via === 'bounce' && direction === 'write') {
    const copied = copy(p, domain, at, buffer.value);
    if (!copied.ok) return copied;
  }
  const ref = grantPage(p, domain, buffer.value);
  if (!ref.ok) return ref;
  const served = ask(p, domain, ring.value, ref.value, buffer.value, wish);
  const ended = endGrant(p, domain, ref.value);
  if (!served.ok) return served;
  if (!ended.ok) return ended;
  if (direction === 'write') return ok({ ref: ref.value, disk: told(served.value) });
  if (via === 'bounce') {
    const copied = copy(p, domain, buffer.value, at);
    if (!copied.ok) return copied;
  }
  const found = guestAccess(p, domain, 'read', at, BLOCK.sector);
  return found.ok ? ok({ ref: ref.value, guest: told(found.value) }) : found;
}

/** The place in the bounce buffer that lies as deep in its page as the data in its own. */
function bouncePlace(p: Platform, domain: DomainCell, at: number): Outcome<number> {
  const buffer = bounceBuffer(p, domain);
  return buffer.ok ? ok(buffer.value.address + (at % PAGE_SIZE)) : buffer;
}

const copy = (p: Platform, domain: DomainCell, from: number, to: number): Outcome<Uint8Array> =>
  p.trace.span('guest', domain.name, 'swiotlb_bounce', { from, to, length: BLOCK.sector }, () => {
    const bytes = guestAccess(p, domain, 'read', from, BLOCK.sector);
    return bytes.ok ? guestAccess(p, domain, 'write', to, BLOCK.sector, bytes.value) : bytes;
  });

/** Request, event, backend, event, response. Answers with the bytes that the backend moved. */
function ask(
  p: Platform,
  domain: DomainCell,
  ring: number,
  ref: number,
  buffer: number,
  { direction, disk }: BlockWish,
): Outcome<Uint8Array> {
  const page = guestSide(p, domain, ring);
  const first = (buffer % PAGE_SIZE) / BLOCK.sector;
  const op = direction === 'read' ? BLOCK.read : BLOCK.write;
  const id = p.trace.span('guest', domain.name, 'blkif_queue_rw_req', { op, ref, first }, () =>
    queue(page, { op, ref, first }),
  );
  if (!id.ok) return id;
  const rung = notifyDomain0(p, domain, 'block');
  if (!rung.ok) return rung;
  const moved = p.trace.span(
    'toolstack',
    'domain-0',
    'xen-blkback: do_block_io_op',
    { guest: domain.name },
    () => withGranted(p, domain, BLOCK_RING_REF, true, (side) => serve(p, domain, side, disk)),
  );
  if (!moved.ok) return moved;
  const ports = notifyGuest(p, domain, 'block');
  if (!ports.ok) return ports;
  return p.trace.span('guest', domain.name, 'blkif_interrupt', {}, () => {
    const status = response(page, id.value);
    if (!status.ok) return status;
    return status.value === BLOCK.okay ? moved : failed(p, domain, status.value);
  });
}

const slotOf = (index: number): number => BLOCK.slots + (index % BLOCK.count) * BLOCK.slot;

function queue(page: Side, { op, ref, first }: Omit<Request, 'id'>): Outcome<bigint> {
  const prod = page.read(BLOCK.reqProd, 4);
  if (!prod.ok) return prod;
  const index = readU32(prod.value, 0);
  const id = BigInt(index % BLOCK.count);
  const request = new Uint8Array(32);
  request[0] = op;
  request[1] = 1;
  request.set(u64(id), 8);
  request.set(u32(ref), 24);
  request.set([first, first], 28);
  const put = page.write(slotOf(index), request);
  if (!put.ok) return put;
  const moved = page.write(BLOCK.reqProd, u32((index + 1) >>> 0));
  return moved.ok ? ok(id) : moved;
}

/** The backend: the request that has no response yet, the sector, the response. */
function serve(p: Platform, domain: DomainCell, ring: Side, disk: Uint8Array): Outcome<Uint8Array> {
  const index = nextRequest(p, ring);
  if (!index.ok) return index;
  const bytes = ring.read(slotOf(index.value), 32);
  if (!bytes.ok) return bytes;
  const request: Request = {
    op: bytes.value[0] ?? 0,
    id: readU64(bytes.value, 8),
    ref: readU32(bytes.value, 24),
    first: (bytes.value[28] ?? 0) % (PAGE_SIZE / BLOCK.sector),
  };
  const moved = p.trace.span(
    'toolstack',
    'domain-0',
    'dispatch_rw_block_io',
    { op: request.op, ref: request.ref, first: request.first },
    () => transfer(p, domain, request, disk),
  );
  const answer = new Uint8Array(12);
  answer.set(u64(request.id));
  answer[8] = request.op;
  new DataView(answer.buffer).setUint16(10, moved.ok ? BLOCK.okay : FAILED, true);
  const put = ring.write(slotOf(index.value), answer);
  if (!put.ok) return put;
  const done = ring.write(BLOCK.rspProd, u32((index.value + 1) >>> 0));
  if (!done.ok) return done;
  return moved;
}

/** Every request so far has its response, so that the responses’ index is that of the next request. */
function nextRequest(p: Platform, ring: Side): Outcome<number> {
  const indices = ring.read(BLOCK.reqProd, 12);
  if (!indices.ok) return indices;
  const [requests, responses] = [readU32(indices.value, 0), readU32(indices.value, BLOCK.rspProd)];
  const waiting = (requests - responses) >>> 0;
  if (waiting >= 1 && waiting <= BLOCK.count) return ok(responses);
  return p.trace.refused(
    refuse(
      PV_RULES.ringIndex,
      'EACCES',
      `The block ring of ${BLOCK.count} slots seems to hold ${waiting} requests.`,
      { requests, responses },
      'Indices that both sides read alike.',
    ),
  );
}

const transfer = (p: Platform, domain: DomainCell, { op, ref, first }: Request, disk: Uint8Array) =>
  withGranted(p, domain, ref, op === BLOCK.read, (page): Outcome<Uint8Array> => {
    const at = first * BLOCK.sector;
    if (op !== BLOCK.read) return page.read(at, BLOCK.sector);
    const sector = new Uint8Array(BLOCK.sector);
    sector.set(disk.subarray(0, BLOCK.sector));
    return page.write(at, sector);
  });

/** The status of the newest response, if it answers this request. */
function response(page: Side, id: bigint): Outcome<number> {
  const prod = page.read(BLOCK.rspProd, 4);
  if (!prod.ok) return prod;
  const bytes = page.read(slotOf((readU32(prod.value, 0) - 1) >>> 0), 12);
  if (!bytes.ok) return bytes;
  if (readU64(bytes.value, 0) !== id) return ok(FAILED);
  return ok(new DataView(bytes.value.buffer, bytes.value.byteOffset).getUint16(10, true));
}

const failed = (p: Platform, { name }: DomainCell, status: number): Outcome<never> =>
  p.trace.refused(
    refuse(
      PV_RULES.answer,
      'EIO',
      `${name}’s block driver gets status ${status}.`,
      { status },
      'A request that both sides read alike.',
    ),
  );
