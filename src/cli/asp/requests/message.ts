import { HEADER_BYTES, sealMessage } from '../../../engine/asp/crypto/guestMessage';
import { contextAt } from '../../../engine/asp/snp/context';
import { secretOf } from '../../../engine/asp/snp/secretSource';
import { filler } from '../lab';
import { spoiled } from '../owner';
import type { Fields, Parameters } from '../parameters';

/** Bytes of what a guest asks, by the type of its message; whatever else it asks, it says little. */
const SIZES: Readonly<Record<number, number>> = { 1: 16, 3: 32, 5: 0x60, 17: 128 };
const LEAST = 16;

/** Fields of the header, which traces spoil. */
const AT = { tag: 0x00, algorithm: 0x30, headerVersion: 0x31, headerSize: 0x32, size: 0x36 } as const;

function withField(message: Uint8Array, at: number, value: number): Uint8Array {
  const out = message.slice();
  out[at] = value & 0xff;
  if (at === AT.headerSize || at === AT.size) out[at + 1] = value >> 8;
  return out;
}

/** A message that is wrong in one respect. */
function changed(message: Uint8Array, how: string): Uint8Array {
  switch (how) {
    case 'badtag':
      return spoiled(message, AT.tag);
    case 'badalgo':
      return withField(message, AT.algorithm, 2);
    case 'badhdrver':
      return withField(message, AT.headerVersion, 2);
    case 'badhdrsize':
      return withField(message, AT.headerSize, HEADER_BYTES + 1);
    case 'zerosize':
      return withField(message, AT.size, 0);
    case 'unalignedsize':
      return withField(message, AT.size, message.length - HEADER_BYTES - 1);
    default:
      return message;
  }
}

/** SNP_GUEST_REQUEST: the guest’s message is put into memory first. */
export function guestRequest(of: Parameters): Fields {
  const { lab } = of;
  const at = of.at('gctx', 'G1');
  const guest = contextAt(lab.p, BigInt(at));
  const vmpck = of.number('vmpck', 0);
  const source = guest?.keys?.vmpck[vmpck] ?? guest?.keys?.vmpck[0];
  const key = source === undefined ? filler('no vmpck', 32) : secretOf(lab.p, source);
  const sequence = BigInt((guest?.messages[vmpck] ?? 0) + 1 + of.number('seqoff', 0));
  const type = of.number('msg', 5);
  const payload = new Uint8Array(SIZES[type] ?? LEAST);
  const message = sealMessage(key, { sequence, type, version: of.number('ver', 1), vmpck }, payload);
  const request = of.at('req', 'P8');
  lab.poke(request, changed(message, of.text('how', 'good')));
  return { GCTX_PADDR: at, REQUEST_PADDR: request, RESPONSE_PADDR: of.at('rsp', 'P9') };
}
