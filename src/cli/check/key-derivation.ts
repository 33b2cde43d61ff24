import { z } from 'zod';
import { derivedKey, mixData } from '../../engine/asp/crypto/derivedKey';
import { keyPairFrom } from '../../engine/asp/crypto/ecc';
import { kdf } from '../../engine/asp/crypto/kdf';
import { CHIP_KEY_LABELS, hashSticks, KEY_SEED_BYTES } from '../../engine/asp/crypto/versionedKey';
import { toHex } from '../../engine/core/bytes';
import { hexBytes, hexOf, u8, u32, u64 } from './fields';
import { type CaseResult, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

/** No derived key is longer than this many bytes, so that a few characters cannot ask for all time. */
const LONGEST = 4096;

const kdfCase = z.object({
  counter_and_length_endianness: z.enum(['little', 'big']).default('little'),
  key: hexBytes,
  label_hex: hexBytes,
  label_text: z.string().optional(),
  context: hexBytes,
  length_bytes: z.number().int().min(0).max(LONGEST),
  output: hexBytes,
});

function runKdf(json: unknown): CaseResult[] {
  return runSection(json, 'kdf', kdfCase, (c, compare) => {
    const output = kdf(c.key, c.label_hex, c.context, c.length_bytes, c.counter_and_length_endianness);
    compare('output', toHex(c.output), toHex(output));
    if (c.label_text !== undefined) {
      const label = new TextEncoder().encode(c.label_text.replaceAll('\\0', '\0'));
      compare('label_text', toHex(label), toHex(c.label_hex));
    }
  });
}

const vcekCase = z.object({
  root_seed: hexOf(48),
  tcb_bytes: z.array(u8).length(8),
  stick_7: hexBytes,
  all_sticks: z.array(hexBytes).optional(),
  kdf_output: hexBytes,
  private_d: hexBytes,
  public_x: hexBytes,
  public_y: hexBytes,
});

function runVcek(json: unknown): CaseResult[] {
  return runSection(json, 'vcek', vcekCase, (c, compare) => {
    const sticks = hashSticks(c.root_seed, c.tcb_bytes);
    const last = sticks[7] ?? new Uint8Array(0);
    const output = kdf(last, CHIP_KEY_LABELS.vcek, new Uint8Array(0), KEY_SEED_BYTES);
    const key = keyPairFrom(output);
    compare('stick_7', toHex(c.stick_7), toHex(last));
    if (c.all_sticks) compare('all_sticks', c.all_sticks.map(toHex).join(' '), sticks.map(toHex).join(' '));
    compare('kdf_output', toHex(c.kdf_output), toHex(output));
    compare('private_d', toHex(c.private_d), toHex(key.secret));
    compare('public_x', toHex(c.public_x), toHex(key.x));
    compare('public_y', toHex(c.public_y), toHex(key.y));
  });
}

const derivedCase = z.object({
  root_key_select: z.literal([0, 1]),
  root_key: hexBytes,
  guest: z.object({
    policy: u64,
    guest_svn: u32,
    requested_tcb: u64,
    image_id: hexOf(16),
    family_id: hexOf(16),
    measurement: hexOf(48),
    host_data: hexOf(32),
    idkey: hexOf(48),
  }),
  request: z.object({ guest_field_select: u64, vmpl: u32, idblock_key_select: z.literal([0, 1, 2]) }),
  mix_data: hexBytes.optional(),
  derived_key: hexBytes,
});

function runDerived(json: unknown): CaseResult[] {
  return runSection(json, 'derived_key', derivedCase, ({ guest, request, ...c }, compare) => {
    const mix = {
      rootKeySelect: c.root_key_select,
      idKeySelect: request.idblock_key_select,
      fields: request.guest_field_select,
      vmpl: request.vmpl,
      guestSvn: guest.guest_svn,
      tcb: guest.requested_tcb,
      policy: guest.policy,
      imageId: guest.image_id,
      familyId: guest.family_id,
      measurement: guest.measurement,
      hostData: guest.host_data,
      idKey: guest.idkey,
    };
    if (c.mix_data) compare('mix_data', toHex(c.mix_data), toHex(mixData(mix)));
    compare('derived_key', toHex(c.derived_key), toHex(derivedKey(c.root_key, mix)));
  });
}

/** Key derivation of the firmware, in the format of `kdf.json`. */
export const keyDerivation: Recogniser = {
  name: 'key derivation',
  recognises: (json) =>
    isRecord(json) &&
    (hasEntryWith(json.kdf, 'label_hex', 'output') ||
      hasEntryWith(json.vcek, 'root_seed', 'tcb_bytes') ||
      hasEntryWith(json.derived_key, 'root_key', 'derived_key')),
  run: (json) => [...runKdf(json), ...runVcek(json), ...runDerived(json)],
};
