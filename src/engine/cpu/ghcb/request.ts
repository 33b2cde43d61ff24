import { PAGE_SIZE } from '../../core/address';
import { EXIT, exitCodeOf } from '../exits';
import type { NaeEvent, NaeRequest } from './event';
import { inputsOf, naeEvent } from './events';
import { decodeIoio } from './ioio';
import { GHCB_FIELDS, GHCB_PARTS, type GhcbField, isValid, readGhcb, readGhcbPart } from './layout';
import { REQUEST_RULES, type RequestRefusal, refusal } from './refusal';
import { scratchProblem } from './scratch';
import { SOFTWARE_EVENT } from './softwareEvents';

/** What the hypervisor knows beside the page. */
export interface RequestContext {
  /** GPA of the GHCB. */
  readonly ghcb: bigint;
  /** Protocol versions that it offered. */
  readonly versions: { readonly min: number; readonly max: number };
  readonly snp: boolean;
  /** GPA that a guest with SEV-SNP registered; null: none. */
  readonly registered: bigint | null;
}

/** A request as the page holds it, marked valid or not. */
export const requestOf = (page: Uint8Array): NaeRequest & { readonly code: number } => ({
  code: exitCodeOf(readGhcb(page, 'swExitCode')),
  info1: readGhcb(page, 'swExitInfo1'),
  info2: readGhcb(page, 'swExitInfo2'),
  rax: readGhcb(page, 'rax'),
});

/**
 * The hypervisor’s checks of a request; null when it may be emulated. `page` must be a copy: a guest that changes the
 * shared page meanwhile changes nothing here.
 */
export function checkRequest(page: Uint8Array, context: RequestContext): RequestRefusal | null {
  const request = requestOf(page);
  const event = naeEvent(request.code);
  return (
    badHeader(page, context) ??
    missing(page, 'Every request', ['swExitCode', 'swExitInfo1', 'swExitInfo2']) ??
    (event && (context.snp || !event.snp)
      ? badDetail(page, event, request, context)
      : unknownEvent(request.code, event)) ??
    badReserved(page)
  );
}

const badDetail = (
  page: Uint8Array,
  event: NaeEvent,
  request: NaeRequest,
  { ghcb }: RequestContext,
): RequestRefusal | null =>
  missing(page, event.name, inputsOf(event, request)) ??
  badInput(page, event.code, request) ??
  scratchProblem(page, event, request, ghcb);

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

function badHeader(page: Uint8Array, context: RequestContext): RequestRefusal | null {
  const { ghcb, versions, snp, registered } = context;
  const usage = readGhcbPart(page, 'usage');
  const version = readGhcbPart(page, 'protocolVersion');
  if (snp && registered !== ghcb)
    return refusal(
      'not registered',
      REQUEST_RULES.registered,
      `The GHCB lies at ${hex(ghcb)}; ${registered === null ? 'none' : hex(registered)} is registered.`,
    );
  if (usage !== 0n) return refusal('usage', REQUEST_RULES.usage, `GHCB_USAGE is ${usage}.`);
  if (version < BigInt(versions.min) || version > BigInt(versions.max))
    return refusal(
      'invalid input',
      REQUEST_RULES.version,
      `PROTOCOL_VERSION is ${version}; ${versions.min} to ${versions.max} were offered.`,
    );
  return null;
}

function missing(page: Uint8Array, whose: string, fields: readonly GhcbField[]): RequestRefusal | null {
  const field = fields.find((each) => !isValid(page, each));
  if (!field) return null;
  const { label, validBit } = GHCB_FIELDS[field];
  const message = `${whose} needs ${label}; bit ${validBit} of VALID_BITMAP is clear.`;
  return refusal('missing input', REQUEST_RULES.missing, message, field);
}

const unknownEvent = (code: number, event: NaeEvent | undefined): RequestRefusal =>
  refusal(
    'invalid event',
    REQUEST_RULES.event,
    event
      ? `SW_EXITCODE is ${hex(code)}, ${event.name}: this guest has no SEV-SNP.`
      : `SW_EXITCODE is ${hex(BigInt.asUintN(64, BigInt(code)))}, which is no event.`,
    'swExitCode',
  );

const HIGHEST_ADDRESS = 1n << 52n;

const isPage = (address: bigint): boolean => address % BigInt(PAGE_SIZE) === 0n;

function badInput(page: Uint8Array, code: number, { info1, info2, rax }: NaeRequest): RequestRefusal | null {
  const bad = (rule: keyof typeof REQUEST_RULES, message: string, field: GhcbField) =>
    refusal('invalid input', REQUEST_RULES[rule], message, field);
  switch (code) {
    case EXIT.IOIO: {
      const { bytes } = decodeIoio(info1);
      return [1, 2, 4].includes(bytes)
        ? null
        : bad('ioSize', `SW_EXITINFO1 says ${bytes} bytes.`, 'swExitInfo1');
    }
    case SOFTWARE_EVENT.MMIO_READ:
    case SOFTWARE_EVENT.MMIO_WRITE:
      return info2 <= 8n || readGhcbPart(page, 'protocolVersion') < 2n
        ? null
        : bad('mmioLength', `SW_EXITINFO2 says ${info2} bytes.`, 'swExitInfo2');
    case SOFTWARE_EVENT.AP_JUMP_TABLE:
      if (info1 > 1n) return bad('jumpTable', `SW_EXITINFO1 is ${hex(info1)}.`, 'swExitInfo1');
      return info1 === 1n || info2 < HIGHEST_ADDRESS
        ? null
        : bad('jumpTableAddress', `SW_EXITINFO2 is ${hex(info2)}.`, 'swExitInfo2');
    case SOFTWARE_EVENT.GUEST_REQUEST:
    case SOFTWARE_EVENT.EXTENDED_GUEST_REQUEST:
      if (!isPage(info1)) return bad('pages', `The request page is ${hex(info1)}.`, 'swExitInfo1');
      if (!isPage(info2) || info1 === info2)
        return bad('pages', `The response page is ${hex(info2)}.`, 'swExitInfo2');
      return code === SOFTWARE_EVENT.GUEST_REQUEST || isPage(rax)
        ? null
        : bad('pages', `The certificates go to ${hex(rax)}.`, 'rax');
    default:
      return null;
  }
}

/** Bytes of the page that belong to a field or to another part that is not reserved. */
const USED = (() => {
  const used = new Uint8Array(PAGE_SIZE);
  const { reserved: _, ...parts } = GHCB_PARTS;
  for (const { offset, size } of [...Object.values(GHCB_FIELDS), ...Object.values(parts)])
    used.fill(1, offset, offset + size);
  return used;
})();

function badReserved(page: Uint8Array): RequestRefusal | null {
  const offset = page.findIndex((byte, at) => byte !== 0 && USED[at] === 0);
  if (offset < 0) return null;
  return refusal('invalid input', REQUEST_RULES.reserved, `Byte ${hex(offset)} is not zero.`);
}
