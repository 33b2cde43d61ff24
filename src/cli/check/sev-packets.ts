import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import {
  ctr,
  encodePacketHeader,
  PACKET_CONTEXT,
  packetMac,
  packetMacInput,
} from '../../engine/asp/crypto/packet';
import { secretTable } from '../../engine/asp/image/secretTable';
import { toHex } from '../../engine/core/bytes';
import { hexBytes, hexOf, u8, u32 } from './fields';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const packetCase = z.object({
  tik: hexOf(16),
  tek: hexOf(16),
  flags: u32,
  iv: hexOf(16),
  plaintext: hexBytes,
  guest_length: u32,
  trans_length: u32,
  ciphertext: hexBytes,
  mac: hexBytes,
  header: hexBytes.optional(),
  mac_input_sha256: hexBytes.optional(),
});

function comparePacket(
  c: z.infer<typeof packetCase>,
  context: 1 | 2,
  measure: Uint8Array | null,
  compare: Compare,
): void {
  const of = {
    context,
    flags: c.flags,
    iv: c.iv,
    guestLength: c.guest_length,
    transLength: c.trans_length,
    data: ctr(c.tek, c.iv, c.plaintext),
    ...(measure && { measure }),
  };
  const mac = packetMac({ ...of, tik: c.tik });
  compare('ciphertext', toHex(c.ciphertext), toHex(of.data));
  compare('plaintext', toHex(c.plaintext), toHex(ctr(c.tek, c.iv, c.ciphertext)));
  compare('mac', toHex(c.mac), toHex(mac));
  if (c.header)
    compare('header', toHex(c.header), toHex(encodePacketHeader({ flags: c.flags, iv: c.iv, mac })));
  if (c.mac_input_sha256)
    compare('mac_input_sha256', toHex(c.mac_input_sha256), toHex(sha256(packetMacInput(of))));
}

const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'not a GUID');

const secretCase = packetCase.extend({
  measure: hexOf(32),
  secret_table: z.array(z.object({ guid, data: hexBytes })).optional(),
});

function runSecrets(json: unknown): CaseResult[] {
  return runSection(json, 'launch_secret', secretCase, (c, compare) => {
    comparePacket(c, PACKET_CONTEXT.secret, c.measure, compare);
    if (c.secret_table) compare('secret_table', toHex(c.plaintext), toHex(secretTable(c.secret_table)));
  });
}

function runPackets(json: unknown): CaseResult[] {
  const schema = packetCase.extend({ context: u8.default(PACKET_CONTEXT.data) });
  return runSection(json, 'transport_packets', schema, (c, compare) => {
    compare('context', String(c.context), String(PACKET_CONTEXT.data));
    comparePacket(c, PACKET_CONTEXT.data, null, compare);
  });
}

/** Launch secrets and migrated pages of SEV and SEV-ES, in the format of `sev-measurement.json`. */
export const sevPackets: Recogniser = {
  name: 'launch secrets and migration packets of SEV guests',
  recognises: (json) =>
    isRecord(json) &&
    (hasEntryWith(json.launch_secret, 'tek', 'mac') || hasEntryWith(json.transport_packets, 'tek', 'mac')),
  run: (json) => [...runSecrets(json), ...runPackets(json)],
};
