import { fromHex, readU32, readU64 } from '../../core/bytes';
import { derivedKey } from '../crypto/derivedKey';
import { chipStick, vcekStick, vlekStick } from '../snp/attestationKeys';
import { decodeIdBlock, ID_BLOCK_BYTES, type IdBlock } from '../snp/idBlock';
import { secretOf } from '../snp/secretSource';
import { snpOf } from '../snp/state';
import { committedTcb, isWithinTcb } from '../snp/tcb';
import { type Ask, guestMessage, type MessageCheck, REQUEST, reservedFields } from './message';
import { isUnusable, keyAsked, vmplBelow } from './signingKey';

/** A key of a guest’s own, for instance to seal a disk: the same one each time that guest, version and platform are the same. */
const AT = { roots: 0x00, fields: 0x08, vmpl: 0x10, guestSvn: 0x14, tcb: 0x18 } as const;
const KEY_AT = 0x20;

/** GUEST_FIELD_SELECT: bits 5:0. */
const FIELDS = { guestSvn: 16n, tcb: 32n, all: 63n } as const;

const rootSelect = ({ payload }: Ask): number => readU32(payload, AT.roots) & 1;
const fields = ({ payload }: Ask): bigint => readU64(payload, AT.fields);
const tcb = ({ payload }: Ask): bigint => readU64(payload, AT.tcb);
const selects = (ask: Ask, bit: bigint): boolean => (fields(ask) & bit) !== 0n;

/** The ID block of the launch; all zeros without one. */
export const idBlockOf = ({ guest: { idBlock } }: Ask): IdBlock =>
  decodeIdBlock(idBlock ? fromHex(idBlock) : new Uint8Array(ID_BLOCK_BYTES));

/** VLEK or VCEK, the latter for another TCB version when one is named. */
function chipRoot(ask: Ask): Uint8Array {
  const { p, payload } = ask;
  const { vlek } = snpOf(p);
  if (vlek && keyAsked(readU32(payload, AT.roots) >>> 1) !== 'VCEK') return vlekStick(p, vlek);
  return selects(ask, FIELDS.tcb) ? chipStick(p, tcb(ask)) : vcekStick(p);
}

function root(ask: Ask): Uint8Array {
  const { p, guest } = ask;
  if (rootSelect(ask) === 0) return chipRoot(ask);
  if (!guest.keys) throw new Error('a guest without keys has sent a message');
  return secretOf(p, guest.keys.vmrk);
}

const check = (
  id: string,
  says: string,
  status: MessageCheck['status'],
  holds: MessageCheck['holds'],
): MessageCheck => ({ id: `asp.msg-key-${id}`, says, status, source: REQUEST, holds });

const none = new Uint8Array(48);
const digest = (hex: string | null): Uint8Array => (hex ? fromHex(hex) : none);

export const KEY = guestMessage({
  type: 3,
  name: 'MSG_KEY_REQ',
  purpose: 'Derive a key for the guest from a secret of the chip, or from one that moves along with it.',
  source: REQUEST,
  answerBytes: 64,
  checks: [
    reservedFields(({ payload }) => readU32(payload, AT.roots) >>> 3 !== 0 || readU32(payload, 4) !== 0),
    check(
      'masked',
      'ROOT_KEY_SELECT is 0, a secret of the chip, and SNP_CONFIG has MASK_CHIP_KEY',
      'INVALID_KEY',
      (ask) => rootSelect(ask) === 0 && snpOf(ask.p).maskChipKey,
    ),
    check(
      'root',
      'ROOT_KEY_SELECT is 0 and KEY_SEL is 3, asks for a VLEK and none is loaded, or for a VCEK and the guest’s launch forbade it',
      'INVALID_KEY',
      (ask) => rootSelect(ask) === 0 && isUnusable(ask, readU32(ask.payload, AT.roots) >>> 1),
    ),
    vmplBelow(AT.vmpl),
    check('fields', 'GUEST_FIELD_SELECT has an unknown bit', 'INVALID_PARAM', (ask) =>
      selects(ask, ~FIELDS.all),
    ),
    check(
      'tcb',
      'TCB_VERSION is selected, and above the committed one in a part, or a reserved byte is not 0',
      'INVALID_PARAM',
      (ask) =>
        selects(ask, FIELDS.tcb) && !isWithinTcb(ask.p.config.generation, tcb(ask), committedTcb(ask.p)),
    ),
    check(
      'svn',
      'GUEST_SVN is selected and above the ID block’s',
      'INVALID_PARAM',
      (ask) => selects(ask, FIELDS.guestSvn) && readU32(ask.payload, AT.guestSvn) > idBlockOf(ask).guestSvn,
    ),
  ],
  run: (ask, out) => {
    const { guest, payload } = ask;
    const { imageId, familyId } = idBlockOf(ask);
    const key = derivedKey(root(ask), {
      rootKeySelect: rootSelect(ask),
      idKeySelect: guest.authorKey ? 2 : guest.idBlock ? 1 : 0,
      fields: fields(ask),
      vmpl: readU32(payload, AT.vmpl),
      guestSvn: readU32(payload, AT.guestSvn),
      tcb: tcb(ask),
      policy: BigInt(guest.policy),
      imageId,
      familyId,
      measurement: fromHex(guest.digest),
      hostData: fromHex(guest.hostData),
      idKey: digest(guest.authorKey ? guest.authorKeyDigest : guest.idKeyDigest),
    });
    out.set(key, KEY_AT);
  },
});
