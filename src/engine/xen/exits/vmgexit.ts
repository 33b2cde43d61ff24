import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { EXIT } from '../../cpu/exits';
import { decodeIoio } from '../../cpu/ghcb/ioio';
import {
  clearValid,
  GHCB_FIELD_NAMES,
  type GhcbField,
  type GhcbValues,
  type GhcbWrite,
  ghcbWrites,
  isValid,
  readGhcb,
  written,
} from '../../cpu/ghcb/layout';
import { checkRequest, requestOf } from '../../cpu/ghcb/request';
import { encodeResult, exceptionResult, REFUSALS, type RefusalReason } from '../../cpu/ghcb/result';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { call } from '../trail';
import type { Answer, Asked } from './answer';
import { HANDLERS } from './emulate';
import { copyGhcb, findGhcb, ghcbGpa, writeGhcb } from './ghcbPage';
import type { Left } from './left';
import { bent, LIE, liesAbout } from './lies';
import { handleMessage } from './msrProtocol';
import { PSC_LIST } from './pageState';
import { readGuest, writeGuest } from './scratch';
import { SOFTWARE_HANDLERS } from './software';
import { vcpusOf } from './vcpus';
import { GHCB_VERSIONS } from './versions';

/**
 * What the request brings along: bytes that the guest wants out, in the shared buffer of the copy or, as version 1 of the
 * protocol allows it, elsewhere in its memory; null where there is none.
 */
function bytesOf(p: Platform, left: Left, page: Uint8Array): Outcome<Uint8Array | null> {
  const length = Number(bufferLength(page));
  const scratch = readGhcb(page, 'swScratch');
  const start = Number(scratch - ghcbGpa(p, left));
  if (length === 0) return ok(new Uint8Array());
  if (start >= 0 && start < page.length) return ok(page.slice(start, start + length));
  return readGuest(p, left, Number(scratch), length);
}

/** How many bytes of the buffer a request moves, 0 for most. */
function bufferLength(page: Uint8Array): bigint {
  const { code, info1, info2 } = requestOf(page);
  if (code === EXIT.IOIO && decodeIoio(info1).string) return info2 * BigInt(decodeIoio(info1).bytes);
  if (code === SOFTWARE_EVENT.PAGE_STATE_CHANGE) return BigInt(PSC_LIST.bytes);
  return code === SOFTWARE_EVENT.MMIO_READ || code === SOFTWARE_EVENT.MMIO_WRITE ? info2 : 0n;
}

/**
 * VMGEXIT: Xen maps what the guest’s MSR names, copies it, checks it, does what is asked, and writes back what the answer
 * needs (xcp-ng/xen c5c3939fa6: xen/arch/x86/hvm/svm/sev_es.c; Linux arch/x86/kvm/svm/sev.c, sev_handle_vmgexit).
 */
export const handleVmgexit = (p: Platform, left: Left): Outcome<null> =>
  call(p, 'svm', 'GHCB exit handling (VMGEXIT)', { guest: left.domain.name, vcpu: left.vcpu }, () => {
    if ((ghcbGpa(p, left) & 0xfffn) !== 0n) return handleMessage(p, left);
    const spa = findGhcb(p, left);
    if (!spa.ok) return spa;
    const copied = copyGhcb(p, left, spa.value);
    if (!copied.ok) return copied;
    const page = copied.value;
    const ghcb = ghcbGpa(p, left);
    const { snp } = left.domain;
    const known = snp ? vcpusOf(p, left.domain).registered?.[left.vcpu] : undefined;
    const registered = known === undefined ? null : BigInt(known);
    const wrong = checkRequest(page, { ghcb, versions: GHCB_VERSIONS, snp, registered });
    if (wrong) {
      p.trace.fact('fault', { name: 'GHCB', message: wrong.message }, wrong.rule);
      return refuseRequest(p, left, spa.value, page, wrong.reason);
    }
    return answer(p, left, spa.value, page);
  });

const refuseRequest = (
  p: Platform,
  left: Left,
  spa: number,
  page: Uint8Array,
  reason: RefusalReason,
): Outcome<null> => {
  const result = encodeResult({ kind: 'refused', reason, code: BigInt(REFUSALS[reason]) });
  return writeGhcb(p, left, spa, answerWrites(page, result, []));
};

function answer(p: Platform, left: Left, spa: number, page: Uint8Array): Outcome<null> {
  const { code, info1, info2 } = requestOf(page);
  const bytes = bytesOf(p, left, page);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return refuseRequest(p, left, spa, page, 'scratch');
  const asked: Asked = {
    ...left,
    info1,
    info2,
    read: (name) => (isValid(page, name) ? readGhcb(page, name) : 0n),
    bytes: bytes.value,
  };
  const handler = SOFTWARE_HANDLERS[code] ?? HANDLERS[code];
  if (!handler) return refuseRequest(p, left, spa, page, 'invalid event');
  return call(p, 'svm', handler.name, { guest: left.domain.name, reason: code }, () => {
    const honest = handler.run(p, asked);
    if ('refused' in honest) return refuseRequest(p, left, spa, page, honest.refused);
    if (!('ok' in honest)) return give(p, left, spa, page, bent(p, asked, code, honest), code);
    return honest.ok ? give(p, left, spa, page, honest.value, code) : honest;
  });
}

/** Writes an answer into the shared page, with what the hypervisor puts in the place of the truth. */
function give(
  p: Platform,
  left: Left,
  spa: number,
  page: Uint8Array,
  told: Answer,
  code: number,
): Outcome<null> {
  if ('exception' in told)
    return writeGhcb(p, left, spa, answerWrites(page, encodeResult(exceptionResult(told.exception)), []));
  const lies = liesAbout(p, left, code);
  const chosen = lies.filter(({ field }) => (GHCB_FIELD_NAMES as readonly string[]).includes(field));
  if (chosen.length > 0)
    p.trace.fact('note', { what: 'the hypervisor lies', fields: chosen.map(({ field }) => field) }, LIE);
  const values: GhcbValues = {
    ...encodeResult({ kind: 'done', info2: told.info2 ?? 0n }),
    ...told.registers,
    ...Object.fromEntries(
      chosen.flatMap(({ field, value }) => (value === null ? [] : [[field, BigInt(`0x${value}`)]])),
    ),
  };
  const hidden = chosen.filter(({ value }) => value === null).map(({ field }) => field as GhcbField);
  const filled = told.bytes ? writeGuest(p, left, Number(readGhcb(page, 'swScratch')), told.bytes) : ok(null);
  return filled.ok ? writeGhcb(p, left, spa, answerWrites(page, values, hidden)) : filled;
}

/** The stores of an answer: the guest’s own marks are cleared first, as Linux KVM does. */
function answerWrites(page: Uint8Array, values: GhcbValues, hidden: readonly GhcbField[]): GhcbWrite[] {
  const shown = Object.fromEntries(
    Object.entries(values).filter(([field]) => !hidden.includes(field as GhcbField)),
  ) as GhcbValues;
  const cleared = clearValid();
  return [cleared, ...ghcbWrites(written(page, [cleared]), shown)];
}
