import { createCipheriv, createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesEqual, fromHex, toHex } from '../../core/bytes';
import {
  ctr,
  decodePacketHeader,
  encodePacketHeader,
  PACKET_CONTEXT,
  packetMac,
  packetMacInput,
} from './packet';
import vectors from './vectors/sev-measurement.json';

const cases = [
  ...vectors.launch_secret.map((c) => ({
    ...c,
    context: PACKET_CONTEXT.secret,
    measured: fromHex(c.measure),
  })),
  ...vectors.transport_packets.map((c) => ({ ...c, context: PACKET_CONTEXT.data, measured: undefined })),
];

describe('a packet', () => {
  it.each(cases)('$id', (c) => {
    const iv = fromHex(c.iv);
    const data = ctr(fromHex(c.tek), iv, fromHex(c.plaintext));
    expect(toHex(data)).toBe(c.ciphertext);
    const of = {
      context: c.context,
      flags: c.flags,
      iv,
      guestLength: c.guest_length,
      transLength: c.trans_length,
      data,
      ...(c.measured && { measure: c.measured }),
    };
    expect(createHash('sha256').update(packetMacInput(of)).digest('hex')).toBe(c.mac_input_sha256);
    const mac = packetMac({ ...of, tik: fromHex(c.tik) });
    expect(toHex(mac)).toBe(c.mac);
    const header = encodePacketHeader({ flags: c.flags, iv, mac });
    expect(toHex(header)).toBe(c.header);
    expect(decodePacketHeader(header)).toEqual({ flags: c.flags, iv, mac });
    expect(toHex(ctr(fromHex(c.tek), iv, data))).toBe(c.plaintext);
  });

  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const packets = fc.record({
    context: fc.constantFrom(...Object.values(PACKET_CONTEXT)),
    tik: bytes(16),
    flags: fc.nat(1),
    iv: bytes(16),
    data: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    measure: bytes(32),
  });

  it('with any flipped bit has another MAC', () => {
    fc.assert(
      fc.property(packets, fc.nat(), (packet, at) => {
        const { iv, data, flags } = packet;
        const lengths = { guestLength: data.length, transLength: data.length };
        const mac = packetMac({ ...packet, ...lengths });
        const sent = Uint8Array.of(...encodePacketHeader({ flags, iv, mac }), ...data);
        const bit = at % (8 * sent.length);
        sent[bit >> 3] = (sent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const came = decodePacketHeader(sent);
        const again = packetMac({ ...packet, ...lengths, ...came, data: sent.subarray(52) });
        expect(bytesEqual(again, came.mac)).toBe(false);
      }),
    );
  });

  it('of one use, length or guest is none of another', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const length = packet.data.length;
        const as = (change: object) =>
          toHex(packetMac({ ...packet, guestLength: length, transLength: length, ...change }));
        const macs = [
          as({}),
          as({ context: 3 - packet.context }),
          as({ guestLength: length + 16 }),
          as({ transLength: length + 16 }),
          as({ measure: packet.measure.map((byte) => byte ^ 1) }),
          as({ measure: undefined }),
        ];
        expect(new Set(macs).size).toBe(macs.length);
      }),
    );
  });
});

it('CTR counts all 16 bytes up as one big-endian number', () => {
  const key = new Uint8Array(16).fill(7);
  for (const iv of [
    new Uint8Array(16).fill(255),
    Uint8Array.of(...new Array(8).fill(1), ...new Array(8).fill(255)),
  ]) {
    const data = new Uint8Array(64);
    expect(toHex(ctr(key, iv, data))).toBe(
      createCipheriv('aes-128-ctr', key, iv).update(data).toString('hex'),
    );
  }
});
