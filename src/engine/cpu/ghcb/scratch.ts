import type { NaeEvent, NaeRequest } from './event';
import { GHCB_PARTS, readGhcb, readGhcbPart } from './layout';
import { REQUEST_RULES, type RequestRefusal, refusal } from './refusal';

/** Linux KVM copies what lies elsewhere, and so limits it. */
const LARGEST_OUTSIDE = 64n * 1024n;
const PAGE_BITS = 12n;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/**
 * Is the buffer of a request where it may be? Null when it is, or when the request needs none. A length of 0 needs none
 * (Linux KVM then does nothing and reports success).
 * @param ghcb GPA of the GHCB.
 */
export function scratchProblem(
  page: Uint8Array,
  event: NaeEvent,
  request: NaeRequest,
  ghcb: bigint,
): RequestRefusal | null {
  const length = event.buffer?.(request) ?? 0n;
  if (length === 0n) return null;
  const start = readGhcb(page, 'swScratch');
  const end = start + length;
  const bad = (rule: (typeof REQUEST_RULES)['scratch' | 'scratchInside' | 'scratchLimit'], why: string) =>
    refusal('scratch', rule, `SW_SCRATCH is ${hex(start)} for ${length} bytes: ${why}.`, 'swScratch');
  if (start >> PAGE_BITS === ghcb >> PAGE_BITS) {
    const { offset, size } = GHCB_PARTS.sharedBuffer;
    const first = ghcb + BigInt(offset);
    return start >= first && end <= first + BigInt(size)
      ? null
      : bad(REQUEST_RULES.scratch, `the shared buffer is ${hex(first)} to ${hex(first + BigInt(size) - 1n)}`);
  }
  if (start === 0n || end > 1n << 64n) return bad(REQUEST_RULES.scratch, 'there is no such memory');
  if (readGhcbPart(page, 'protocolVersion') >= 2n)
    return bad(REQUEST_RULES.scratchInside, `it lies outside the GHCB at ${hex(ghcb)}`);
  return length <= LARGEST_OUTSIDE
    ? null
    : bad(REQUEST_RULES.scratchLimit, `more than ${LARGEST_OUTSIDE} outside the GHCB`);
}
