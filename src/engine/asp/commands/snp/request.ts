import { concatBytes } from '@noble/hashes/utils.js';
import { PAGE_SIZE } from '../../../core/address';
import type { Call } from '../../call';
import { copyable } from '../../checks/address';
import {
  contextIn,
  isContext,
  outsideTable,
  PAGE_OFFSET,
  pageIn,
  reserved,
  smallPage,
  snpInitialised,
} from '../../checks/snp';
import { type Check, command } from '../../command';
import {
  decodeHeader,
  HEADER_BYTES,
  isWellFormed,
  type MessageHeader,
  openMessage,
  sealMessage,
} from '../../crypto/guestMessage';
import { readHost } from '../../memory';
import { messageOfType } from '../../messages';
import { answerMessage, answerSize } from '../../messages/answer';
import { contextAt } from '../../snp/context';
import { secretOf } from '../../snp/secretSource';

/** A guest’s encrypted message to the firmware, which the host carries without being able to read it. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_guest_request)';

const offset = (call: Call, name: string): number => Number(call.address(name) & PAGE_OFFSET);

const header = (call: Call): MessageHeader =>
  call.once('header', () => decodeHeader(call.copyIn('REQUEST_PADDR', HEADER_BYTES)));

/** Header and encrypted payload as they lie in memory. */
const message = (call: Call): Uint8Array =>
  call.once('message', () => {
    const at = call.address('REQUEST_PADDR') + BigInt(HEADER_BYTES);
    return concatBytes(call.copyIn('REQUEST_PADDR', HEADER_BYTES), readHost(call.p, at, header(call).size));
  });

/** The key stays the same for the answer, whatever the message changes. */
const key = (call: Call): Uint8Array =>
  call.once('key', () => {
    const source = call.context.keys?.vmpck[header(call).vmpck];
    if (source === undefined) throw new Error('a running guest has keys');
    return secretOf(call.p, source);
  });

const payload = (call: Call): Uint8Array | null =>
  call.once('payload', () => openMessage(key(call), message(call)));

const counted = (call: Call): number => call.context.messages[header(call).vmpck] ?? 0;

const sizeOfAnswer = (call: Call): number => {
  const asked = messageOfType(header(call).type);
  return HEADER_BYTES + (asked ? answerSize(asked, header(call).size) : 0);
};

/** Does what the message asks, once; answers with the answer’s plaintext. */
const answer = (call: Call): Uint8Array =>
  call.once('answer', () => {
    const asked = messageOfType(header(call).type);
    const plaintext = payload(call);
    if (!asked || !plaintext) throw new Error('a command went on without its message');
    const padded = new Uint8Array(PAGE_SIZE - HEADER_BYTES);
    padded.set(plaintext);
    const ask = {
      p: call.p,
      sender: call.address('GCTX_PADDR'),
      guest: call.context,
      vmpck: header(call).vmpck,
      payload: padded,
      message: message(call),
    };
    return answerMessage(asked, ask, plaintext.length);
  });

/** Question and answer are counted, unless the guest has left with the answer. */
function count(call: Call): void {
  const guest = contextAt(call.p, call.address('GCTX_PADDR'));
  if (!guest) return;
  const { vmpck } = header(call);
  const [a, b, c, d] = guest.messages.map((each, i) => (i === vmpck ? each + 2 : each));
  call.patchContext({ messages: [a ?? 0, b ?? 0, c ?? 0, d ?? 0] });
}

const check = (id: string, says: string, status: Check['status'], holds: (call: Call) => boolean): Check => ({
  id: `asp.snp-request-${id}`,
  says,
  status,
  source: SOURCE,
  holds,
});

/** What is behind the key: the guest has made it. */
const inside: readonly Check[] = [
  check(
    'tag',
    'the message does not open with that key of the guest',
    'BAD_MEASUREMENT',
    (call) => payload(call) === null,
  ),
  check(
    'sequence',
    'MSG_SEQNO is not the next number of that key, or the counter is used up (2^53 here)',
    'AEAD_OFLOW',
    (call) =>
      counted(call) >= Number.MAX_SAFE_INTEGER - 1 || header(call).sequence !== BigInt(counted(call)) + 1n,
  ),
  check('version', 'MSG_VERSION is not 1', 'INVALID_PARAM', (call) => header(call).version !== 1),
  check(
    'type',
    'MSG_TYPE is none that guests may send',
    'INVALID_PARAM',
    (call) => messageOfType(header(call).type) === null,
  ),
];

/** Only when all is done does the firmware look whether the answer can be put down. */
const outside: readonly Check[] = [
  {
    ...check(
      'answer-crosses',
      'the answer crosses a boundary of 4 KiB; what the message asked is done',
      'INVALID_PARAM',
      (call) => offset(call, 'RESPONSE_PADDR') + sizeOfAnswer(call) > PAGE_SIZE,
    ),
    refusing: (call) => void answer(call),
  },
  {
    ...copyable('the answer; what the message asked is done', ['RESPONSE_PADDR', sizeOfAnswer]),
    refusing: (call) => {
      answer(call);
      count(call);
    },
  },
];

export const SNP_GUEST_REQUEST = command({
  id: 0x094,
  name: 'SNP_GUEST_REQUEST',
  purpose: 'Carry an encrypted message of a guest to the firmware, and the answer back.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    reserved('GCTX_PADDR bits 11:0', ['GCTX_PADDR', PAGE_OFFSET]),
    snpInitialised,
    outsideTable('GCTX_PADDR', 'REQUEST_PADDR', 'RESPONSE_PADDR'),
    isContext(),
    pageIn('RESPONSE_PADDR', 'Firmware'),
    smallPage('REQUEST_PADDR', 'RESPONSE_PADDR'),
    contextIn('RUNNING'),
    check(
      'header-crosses',
      'the message’s header crosses a boundary of 4 KiB',
      'INVALID_PARAM',
      (call) => offset(call, 'REQUEST_PADDR') > PAGE_SIZE - HEADER_BYTES,
    ),
    copyable('the message’s header', ['REQUEST_PADDR', HEADER_BYTES]),
    check(
      'header',
      'HDR_VERSION is not 1, HDR_SIZE not 0x60, ALGO not 1, or MSG_SIZE 0 or no multiple of 16',
      'INVALID_PARAM',
      (call) => !isWellFormed(header(call)),
    ),
    check(
      'crosses',
      'the message crosses a boundary of 4 KiB',
      'INVALID_PARAM',
      (call) => offset(call, 'REQUEST_PADDR') + HEADER_BYTES + header(call).size > PAGE_SIZE,
    ),
    check('vmpck', 'MSG_VMPCK is above 3', 'INVALID_PARAM', (call) => header(call).vmpck > 3),
    ...inside,
    ...outside,
  ],
  run: (call) => {
    const { sequence, type, vmpck } = header(call);
    const sealed = sealMessage(
      key(call),
      { sequence: sequence + 1n, type: type + 1, version: 1, vmpck },
      answer(call),
    );
    count(call);
    call.copyOut('RESPONSE_PADDR', sealed);
  },
});
