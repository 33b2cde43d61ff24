import type { Outcome } from '../../core/fault';
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
import { encodeResult, exceptionResult } from '../../cpu/ghcb/result';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { call } from '../trail';
import type { Answer, Asked } from './answer';
import { HANDLERS } from './emulate';
import { copyGhcb, findGhcb, ghcbGpa, writeGhcb } from './ghcbPage';
import type { Left } from './left';
import { bent, LIE, liesAbout } from './lies';
import { handleMessage } from './msrProtocol';
import { SOFTWARE_HANDLERS } from './software';
import { GHCB_VERSIONS } from './versions';

/** What the request brings along: bytes that the guest wants out, in the shared buffer. */
function bytesOf(page: Uint8Array, ghcb: bigint, length: bigint): Uint8Array {
  const start = Number(readGhcb(page, 'swScratch') - ghcb);
  return start >= 0 && start + Number(length) <= page.length
    ? page.slice(start, start + Number(length))
    : new Uint8Array();
}

/** How many bytes of the buffer a request moves, 0 for most. */
function bufferLength(page: Uint8Array): bigint {
  const { code, info1, info2 } = requestOf(page);
  if (code === EXIT.IOIO && decodeIoio(info1).string) return info2 * BigInt(decodeIoio(info1).bytes);
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
    const wrong = checkRequest(page, { ghcb, versions: GHCB_VERSIONS, snp: false, registered: null });
    if (wrong) {
      p.trace.fact('fault', { name: 'GHCB', message: wrong.message }, wrong.rule);
      const result = encodeResult({ kind: 'refused', reason: wrong.reason, code: BigInt(wrong.code) });
      return writeGhcb(p, left, spa.value, answerWrites(page, result, []));
    }
    return answer(p, left, spa.value, page);
  });

function answer(p: Platform, left: Left, spa: number, page: Uint8Array): Outcome<null> {
  const { code, info1, info2 } = requestOf(page);
  const ghcb = ghcbGpa(p, left);
  const asked: Asked = {
    ...left,
    info1,
    info2,
    read: (name) => (isValid(page, name) ? readGhcb(page, name) : 0n),
    bytes: bytesOf(page, ghcb, bufferLength(page)),
  };
  const handler = SOFTWARE_HANDLERS[code] ?? HANDLERS[code];
  if (!handler) {
    const result = encodeResult({ kind: 'refused', reason: 'invalid event', code: 6n });
    return writeGhcb(p, left, spa, answerWrites(page, result, []));
  }
  return call(p, 'svm', handler.name, { guest: left.domain.name, reason: code }, () => {
    const honest = handler.run(p, asked);
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
  const buffer = told.bytes
    ? [{ offset: Number(readGhcb(page, 'swScratch') - ghcbGpa(p, left)), bytes: told.bytes }]
    : [];
  return writeGhcb(p, left, spa, [...buffer, ...answerWrites(page, values, hidden)]);
}

/** The stores of an answer: the guest’s own marks are cleared first, as Linux KVM does. */
function answerWrites(page: Uint8Array, values: GhcbValues, hidden: readonly GhcbField[]): GhcbWrite[] {
  const shown = Object.fromEntries(
    Object.entries(values).filter(([field]) => !hidden.includes(field as GhcbField)),
  ) as GhcbValues;
  const cleared = clearValid();
  return [cleared, ...ghcbWrites(written(page, [cleared]), shown)];
}
