/** Types of an event in bits 10:8 (APM vol. 2 §15.20). */
export const EVENT_TYPES = { interrupt: 0, nmi: 2, exception: 3, software: 4 } as const;

/** An event to deliver, as EVENTINJ of the VMCB and SW_EXITINFO2 of a GHCB describe it. */
export interface InjectedEvent {
  readonly valid: boolean;
  readonly vector: number;
  /** One of `EVENT_TYPES`; 1, 5, 6 and 7 are reserved. */
  readonly type: number;
  /** 32 bits; null: delivered without an error code. */
  readonly errorCode: number | null;
}

const HAS_ERROR_CODE = 1n << 11n;
const VALID = 1n << 31n;

/** EVENTINJ: 7:0 vector, 10:8 type, 11 error code valid, 31 valid, 63:32 error code (APM vol. 2 §15.20). */
export const decodeEventInj = (raw: bigint): InjectedEvent => ({
  valid: (raw & VALID) !== 0n,
  vector: Number(raw & 0xffn),
  type: Number((raw >> 8n) & 7n),
  errorCode: (raw & HAS_ERROR_CODE) === 0n ? null : Number(BigInt.asUintN(32, raw >> 32n)),
});

export const encodeEventInj = ({ valid, vector, type, errorCode }: InjectedEvent): bigint =>
  BigInt(vector & 0xff) |
  (BigInt(type & 7) << 8n) |
  (valid ? VALID : 0n) |
  (errorCode === null ? 0n : HAS_ERROR_CODE | (BigInt.asUintN(32, BigInt(errorCode)) << 32n));
