import { fromHex, readU32, readU64, toHex, u32, u64 } from '../../core/bytes';
import type { Platform } from '../../core/platform';
import type { ContextCell, ContextKeys, SecretSource } from '../../core/snpCells';
import { secretBytes } from '../secrets';
import { secretOf } from './secretSource';
import { word } from './state';

/** A guest's context as it leaves a machine in a message of its migration agent (AMD-ASPFW sev_rmp.h: snp_msg_gctx). */
export const EXPORT_BYTES = 0x300;
export const EXPORT_VERSION = 3;

const AT = {
  digest: 0x000,
  oek: 0x030,
  vmpck: 0x050,
  vmrk: 0x0d0,
  hostData: 0x0f0,
  idKeyDigest: 0x110,
  authorKeyDigest: 0x140,
  reportId: 0x170,
  imd: 0x190,
  messages: 0x1c0,
  root: 0x1e0,
  flags: 0x220,
  policy: 0x228,
  state: 0x230,
  swaps: 0x238,
  idBlock: 0x240,
  gosvw: 0x2a0,
  tscFrequency: 0x2b0,
  tscOffset: 0x2b8,
  launchTcb: 0x2c0,
} as const;

const SECRET_BYTES = 32;
const FLAGS = { authorKey: 1, idBlock: 2, vcekDisabled: 4 } as const;

/** Numbers of the guest states as SNP_GUEST_STATUS tells them (AMD-ASPFW sev_guest.h). */
export const SNP_GUEST_STATES = { INIT: 0, LAUNCH: 1, RUNNING: 2 } as const;

/** REPORT_ID by its name; all ones where there is none, as for a guest without an agent. */
export const reportId = (p: Platform, name: string | null): Uint8Array =>
  name === null ? new Uint8Array(SECRET_BYTES).fill(0xff) : secretBytes(p.config, name, SECRET_BYTES);

/** The keys at their places; they change once in a guest's life, so they are kept with the record that names them. */
const keysAt = new WeakMap<ContextKeys, Uint8Array>();

function keyBytes(p: Platform, keys: ContextKeys): Uint8Array {
  const known = keysAt.get(keys);
  if (known) return known;
  const out = new Uint8Array(AT.hostData);
  out.set(secretOf(p, keys.oek), AT.oek);
  for (const [i, source] of keys.vmpck.entries()) out.set(secretOf(p, source), AT.vmpck + i * SECRET_BYTES);
  out.set(secretOf(p, keys.vmrk), AT.vmrk);
  keysAt.set(keys, out);
  return out;
}

/** The 0x300 bytes of a guest, with its keys. They may leave only encrypted. */
export function exportContext(p: Platform, guest: ContextCell): Uint8Array {
  const out = new Uint8Array(EXPORT_BYTES);
  if (guest.keys) out.set(keyBytes(p, guest.keys));
  out.set(fromHex(guest.digest), AT.digest);
  out.set(fromHex(guest.hostData), AT.hostData);
  if (guest.idKeyDigest) out.set(fromHex(guest.idKeyDigest), AT.idKeyDigest);
  if (guest.authorKeyDigest) out.set(fromHex(guest.authorKeyDigest), AT.authorKeyDigest);
  if (guest.reportId) out.set(reportId(p, guest.reportId), AT.reportId);
  out.set(fromHex(guest.imd), AT.imd);
  for (const [i, count] of guest.messages.entries()) out.set(u64(BigInt(count)), AT.messages + 8 * i);
  if (guest.root) out.set(fromHex(guest.root), AT.root);
  const flags =
    (guest.authorKey ? FLAGS.authorKey : 0) |
    (guest.idBlock ? FLAGS.idBlock : 0) |
    (guest.vcekDisabled ? FLAGS.vcekDisabled : 0);
  out.set(u32(flags), AT.flags);
  out.set(u64(BigInt(guest.policy)), AT.policy);
  out[AT.state] = SNP_GUEST_STATES[guest.state];
  out.set(u64(BigInt(guest.swaps)), AT.swaps);
  if (guest.idBlock) out.set(fromHex(guest.idBlock), AT.idBlock);
  out.set(fromHex(guest.gosvw), AT.gosvw);
  out.set(u32(guest.tscFrequency), AT.tscFrequency);
  out.set(u64(BigInt(guest.tscOffset)), AT.tscOffset);
  out.set(u64(BigInt(guest.launchTcb)), AT.launchTcb);
  return out;
}

/**
 * What a context that arrives brings with it: not its state, its place here and the identity in reports; and not VCEK_DIS,
 * which the firmware sends and nobody takes.
 */
export type Incoming = Omit<
  ContextCell,
  | 'state'
  | 'asid'
  | 'activation'
  | 'complexes'
  | 'vek'
  | 'imi'
  | 'agent'
  | 'reportId'
  | 'agentReportId'
  | 'vcekDisabled'
>;

const ID_BLOCK_BYTES = 0x60;
const isValid = (entry: Uint8Array): boolean => ((entry[0x20] ?? 0) & 1) === 1;

/** Has a guest swapped out a page at the root that nobody has brought back? */
export const rootInUse = ({ root }: ContextCell): boolean => root !== null && isValid(fromHex(root));

/** The entry of the page at the root, if it is in use. */
export const incomingRoot = (bytes: Uint8Array): Uint8Array | null => {
  const entry = bytes.slice(AT.root, AT.root + 64);
  return isValid(entry) ? entry : null;
};

/** The digest of the initial migration image, by which the sides know each other. */
export const incomingImd = (bytes: Uint8Array): string => toHex(bytes.subarray(AT.imd, AT.imd + 48));

/**
 * Reads such a context. @param bytes its 0x300 bytes in the clear.
 * @param secret where a secret at an offset of these bytes comes from.
 */
export function importContext(bytes: Uint8Array, secret: (offset: number) => SecretSource): Incoming {
  const take = (at: number, length: number) => toHex(bytes.subarray(at, at + length));
  const flags = readU32(bytes, AT.flags);
  // Counters end at 2^53 here, where the firmware has 64 bits.
  const number = (at: number) => Math.min(Number(readU64(bytes, at)), Number.MAX_SAFE_INTEGER);
  const root = incomingRoot(bytes);
  const vmpck = (i: number) => secret(AT.vmpck + i * SECRET_BYTES);
  const count = (i: number) => number(AT.messages + 8 * i);
  return {
    policy: word(readU64(bytes, AT.policy)),
    keys: {
      oek: secret(AT.oek),
      vmpck: [vmpck(0), vmpck(1), vmpck(2), vmpck(3)],
      vmrk: secret(AT.vmrk),
    },
    messages: [count(0), count(1), count(2), count(3)],
    digest: take(AT.digest, 48),
    imd: take(AT.imd, 48),
    swaps: number(AT.swaps),
    root: root && toHex(root),
    gosvw: take(AT.gosvw, 16),
    tscFrequency: readU32(bytes, AT.tscFrequency),
    tscOffset: word(readU64(bytes, AT.tscOffset)),
    launchTcb: word(readU64(bytes, AT.launchTcb)),
    idBlock: flags & FLAGS.idBlock ? take(AT.idBlock, ID_BLOCK_BYTES) : null,
    idKeyDigest: flags & FLAGS.idBlock ? take(AT.idKeyDigest, 48) : null,
    authorKeyDigest: flags & FLAGS.authorKey ? take(AT.authorKeyDigest, 48) : null,
    authorKey: (flags & FLAGS.authorKey) !== 0,
    hostData: take(AT.hostData, 32),
  };
}
