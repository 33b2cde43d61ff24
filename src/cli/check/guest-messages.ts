import { z } from 'zod';
import { HEADER_BYTES, openMessage, sealMessage } from '../../engine/asp/crypto/guestMessage';
import { messageOfType } from '../../engine/asp/messages';
import { toHex } from '../../engine/core/bytes';
import { hexBytes, hexOf, u8, u64 } from './fields';
import { type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';
import { sentence } from './tables';

const message = z.object({
  vmpck: hexOf(32),
  msg_seqno: u64,
  msg_type: u8,
  msg_version: u8,
  msg_vmpck: u8,
  payload: hexBytes,
  iv: hexOf(12).optional(),
  aad: hexOf(48).optional(),
  ciphertext: hexBytes.optional(),
  authtag: hexOf(16),
  message: hexBytes,
  message_size: z.number().int().optional(),
});
type Message = z.infer<typeof message>;

const AAD_AT = 0x30;
const SEQUENCE_AT = 0x20;
const TAG_BYTES = 16;

/** Questions have odd numbers, and the answer to each the next. */
function checkType({ msg_type: type, payload }: Message, compare: Compare): void {
  const question = messageOfType(type);
  const answered = messageOfType(type - 1);
  if (!question && !answered) throw new Error(`no message has the type ${type}`);
  if (question || !answered || answered.answerBytes === 'as asked') return;
  compare('bytes of the answer', String(payload.length), String(answered.answerBytes));
}

function checkMessage(row: Message, compare: Compare): void {
  const { vmpck, msg_seqno: sequence, msg_type: type, msg_version: version, payload } = row;
  const ours = sealMessage(vmpck, { sequence, type, version, vmpck: row.msg_vmpck }, payload);
  const part = (what: string, given: Uint8Array | undefined, from: number, to?: number) => {
    if (given) compare(what, toHex(given), toHex(ours.subarray(from, to)));
  };
  part('message', row.message, 0);
  part('authtag', row.authtag, 0, TAG_BYTES);
  part('aad', row.aad, AAD_AT, HEADER_BYTES);
  part('ciphertext', row.ciphertext, HEADER_BYTES);
  if (row.iv) compare('iv', toHex(row.iv), `${toHex(ours.subarray(SEQUENCE_AT, SEQUENCE_AT + 8))}00000000`);
  if (row.message_size !== undefined) compare('message_size', String(row.message_size), String(ours.length));
  const opened = openMessage(vmpck, row.message);
  compare('payload', toHex(payload), opened ? toHex(opened) : 'the tag does not fit');
  checkType(row, compare);
}

const negative = z.object({ base: sentence, what: sentence, expect: sentence });

/** Changes a message as a sentence says: `byte 0x34 … 05 -> 03` or `first ciphertext byte xor 01`. */
function changed(bytes: Uint8Array, what: string): Uint8Array {
  const after = bytes.slice();
  const byte = /^(?:MSG_VMPCK )?byte (0x[0-9a-f]+)\b.* ([0-9a-f]{2}) -> ([0-9a-f]{2})$/i.exec(what);
  const flip = /^first ciphertext byte xor ([0-9a-f]{2})$/i.exec(what);
  if (byte) {
    const at = Number(byte[1]);
    if (after[at] !== Number.parseInt(byte[2] ?? '', 16))
      throw new Error(`byte ${byte[1]} of the message is not ${byte[2]}`);
    after[at] = Number.parseInt(byte[3] ?? '', 16);
  } else if (flip) after[HEADER_BYTES] = (after[HEADER_BYTES] ?? 0) ^ Number.parseInt(flip[1] ?? '', 16);
  else throw new Error(`"${what}" is not understood here`);
  return after;
}

/** The count of the firmware after it has taken a question and answered it: the next question must be one above. */
function replayed({ msg_seqno: sequence }: Message, expect: string, compare: Compare): void {
  const count = /^sequence check fails:.*\(count is now (\d+)\)$/.exec(expect)?.[1];
  if (count === undefined) throw new Error(`"${expect}" is not understood here`);
  compare('count', count, String(sequence + 1n));
}

function checkNegative(row: z.infer<typeof negative>, messages: unknown, compare: Compare): void {
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  const found = list.find((entry) => isRecord(entry) && entry.id === row.base);
  if (!found) throw new Error(`the file has no message ${row.base}`);
  const base = message.parse(found);
  if (/^the same message delivered again after it was accepted$/.test(row.what)) {
    replayed(base, row.expect, compare);
    return;
  }
  const expected = /^(GCM tag fails|tag check passes)\b/.exec(row.expect)?.[1] ?? row.expect;
  const opened = openMessage(base.vmpck, changed(base.message, row.what));
  compare('expect', expected, opened ? 'tag check passes' : 'GCM tag fails');
}

/** Messages between a guest and the firmware, in the format of `guest-messages.json`: whole, and altered. */
export const guestMessages = {
  name: 'guest messages',
  recognises: (json: unknown) => isRecord(json) && hasEntryWith(json.messages, 'vmpck', 'authtag', 'message'),
  run: (json: unknown) => [
    ...runSection(json, 'messages', message, checkMessage),
    ...runSection(json, 'negative', negative, (row, compare) =>
      checkNegative(row, (json as { messages: unknown }).messages, compare),
    ),
  ],
} satisfies Recogniser;
