import { decodeEventInj, EVENT_TYPES, encodeEventInj, type InjectedEvent } from '../eventInj';
import { VECTORS } from '../exits';

/** Why a hypervisor does not take a request: SW_EXITINFO2 when SW_EXITINFO1 is 2 (Linux arch/x86/include/asm/sev-common.h). */
export const REFUSALS = {
  'not registered': 1,
  usage: 2,
  scratch: 3,
  'missing input': 4,
  'invalid input': 5,
  'invalid event': 6,
} as const;

export type RefusalReason = keyof typeof REFUSALS;

/** What SW_EXITINFO1 and SW_EXITINFO2 of an answer say. */
export type GhcbResult =
  /** The request was done; what `info2` means depends on the event. */
  | { readonly kind: 'done'; readonly info2: bigint }
  /** The guest is to raise an exception. */
  | { readonly kind: 'exception'; readonly event: InjectedEvent }
  /** The request was malformed; null for a reason that has no name. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason | null; readonly code: bigint }
  | { readonly kind: 'unknown'; readonly info1: bigint };

const DONE = 0n;
const EXCEPTION = 1n;
const REFUSED = 2n;

/** Only the lower half of SW_EXITINFO1 counts (Linux arch/x86/coco/sev/vc-shared.c, verify_exception_info). */
export function decodeResult(info1: bigint, info2: bigint): GhcbResult {
  switch (BigInt.asUintN(32, info1)) {
    case DONE:
      return { kind: 'done', info2 };
    case EXCEPTION:
      return { kind: 'exception', event: decodeEventInj(info2) };
    case REFUSED: {
      const named = Object.entries(REFUSALS).find(([, code]) => BigInt(code) === info2);
      return { kind: 'refused', reason: named ? (named[0] as RefusalReason) : null, code: info2 };
    }
    default:
      return { kind: 'unknown', info1 };
  }
}

/** SW_EXITINFO1 and SW_EXITINFO2 of an answer. */
export function encodeResult(result: GhcbResult): {
  readonly swExitInfo1: bigint;
  readonly swExitInfo2: bigint;
} {
  switch (result.kind) {
    case 'done':
      return { swExitInfo1: DONE, swExitInfo2: result.info2 };
    case 'exception':
      return { swExitInfo1: EXCEPTION, swExitInfo2: encodeEventInj(result.event) };
    case 'refused':
      return { swExitInfo1: REFUSED, swExitInfo2: result.code };
    case 'unknown':
      return { swExitInfo1: result.info1, swExitInfo2: 0n };
  }
}

/** A #GP with error code 0, or #UD: the exceptions that a hypervisor may ask a guest to raise. */
export const exceptionResult = (name: 'GP' | 'UD'): GhcbResult => ({
  kind: 'exception',
  event: {
    valid: true,
    vector: VECTORS[name],
    type: EVENT_TYPES.exception,
    errorCode: name === 'GP' ? 0 : null,
  },
});

/** Does a guest raise it? Linux and EDK2 take #GP and #UD as exceptions, and nothing else. */
export const isRaisable = ({ valid, vector, type }: InjectedEvent): boolean =>
  valid && type === EVENT_TYPES.exception && (vector === VECTORS.GP || vector === VECTORS.UD);
