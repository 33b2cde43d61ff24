import { BLOCK_SIZE } from '../engine/core/address';
import { bytesEqual, toHex } from '../engine/core/bytes';
import { dataBytes } from '../engine/core/fields';
import { keyName } from '../engine/core/key';
import type { Eye, Look } from '../engine/core/look';
import type { Platform } from '../engine/core/platform';
import { capital } from '../engine/core/words';
import { look } from '../engine/look';
import { peekBytes } from '../engine/memory/cache';
import { reach } from '../engine/memory/regions';
import type { LookExpectation, Sight } from './expectation';
import { type Finding, finding, type Moment } from './moment';
import type { Place, Resolved } from './place';
import { guestNamed, resolvePlace, resolveSpa } from './resolve';

const DEFAULT_LENGTH = 16;
const HOST_EYES: Readonly<Record<string, Eye>> = {
  xen: { eye: 'host', c: 'mapped' },
  'xen.c0': { eye: 'host', c: 0 },
  'xen.c1': { eye: 'host', c: 1 },
  device: { eye: 'device' },
  dram: { eye: 'dram' },
};
const NAMES: Readonly<Record<string, string>> = {
  xen: 'Xen',
  'xen.c0': 'Xen with C = 0',
  'xen.c1': 'Xen with C = 1',
  device: 'the device',
  dram: 'the DRAM',
};

/** Behind a guest's name: not what it reads, but what its core fetches as instructions. */
const FETCH = /\.fetch$/;
/** Behind a guest's name: what hardware sees anywhere with that guest's key, as in a VMSA, which no guest has mapped. */
const KEY = /\.key$/;

/** How an eye is called inside a sentence. */
export const nameOf = (who: string): string =>
  KEY.test(who)
    ? `hardware with ${capital(who.replace(KEY, ''))}’s key`
    : (NAMES[who] ?? capital(who.replace(FETCH, '’s core, fetching,')));

/** The bytes that a sight shows, or the fault that the look meets. */
function see(p: Platform, { who, at, length }: Sight, otherwise: number): Resolved<Look> {
  const place = resolvePlace(p, at);
  if (!place.ok) return place;
  const size = length ?? otherwise;
  const eye = HOST_EYES[who];
  if (KEY.test(who)) return throughKey(p, who.replace(KEY, ''), place.value, size);
  if (!eye) return { ok: true, value: look(p, guestEye(who, place.value), place.value.value, size) };
  if (eye.eye === 'device' && p.state.need('device').domain !== null) {
    return { ok: true, value: look(p, eye, place.value.value, size) };
  }
  const spa = resolveSpa(p, place.value);
  return spa.ok ? { ok: true, value: look(p, eye, spa.value, size) } : spa;
}

function throughKey(p: Platform, guest: string, place: Place, length: number): Resolved<Look> {
  const known = guestNamed(p, guest);
  if (!known.ok) return known;
  const spa = resolveSpa(p, place);
  if (!spa.ok) return spa;
  const { asid, core } = known.value.domain;
  const { complex } = p.state.need('core', core);
  const reached = reach(p, spa.value, length);
  if (!reached.ok) return { ok: true, value: reached };
  const bytes = peekBytes(p, complex, spa.value, length, asid);
  return { ok: true, value: { ok: true, bytes, key: keyName(asid) } };
}

function guestEye(who: string, { space }: Place): Eye {
  const op = FETCH.test(who) ? 'fetch' : 'read';
  return { eye: 'guest', guest: who.replace(FETCH, ''), space: space === 'number' ? 'gva' : space, op };
}

/** Compares what somebody sees with a text, or with what somebody else sees. */
export function checkLook(moment: Moment, { look: sight, is, as }: LookExpectation): Finding {
  const p = moment.platform;
  const wanted = typeof as === 'string' ? dataBytes(as) : null;
  const other = typeof as === 'object' ? as : null;
  const length = sight.length ?? other?.length ?? wanted?.length ?? DEFAULT_LENGTH;
  const seen = see(p, sight, length);
  if (!seen.ok) return finding(false, seen.message);
  const name = capital(nameOf(sight.who));
  if (!seen.value.ok) {
    const { fault } = seen.value;
    return finding(
      is === 'refused' && (typeof as !== 'string' || as === fault.name),
      `${name} gets ${fault.name}: ${fault.message}`,
    );
  }
  const { bytes } = seen.value;
  const says = `${name} ${sight.who === 'dram' ? 'holds' : 'sees'} ${show(bytes)}`;
  if (is === 'refused') return finding(false, `${says}.`);
  if (is === 'repeating' || is === 'varied') return checkPattern(name, bytes, is);
  if (wanted) return finding(bytesEqual(bytes, wanted) === (is === 'same'), `${says}.`);
  if (!other) return finding(false, 'There is nothing to compare with: “as” is missing.');
  const compared = see(p, other, length);
  if (!compared.ok) return finding(false, compared.message);
  if (!compared.value.ok)
    return finding(false, `${capital(nameOf(other.who))} gets ${compared.value.fault.name}.`);
  const same = bytesEqual(bytes, compared.value.bytes);
  return finding(same === (is === 'same'), `${says}${rest(sight, other, same, compared.value.bytes)}.`);
}

function rest(sight: Sight, other: Sight, same: boolean, bytes: Uint8Array): string {
  if (other.who === sight.who) return same ? ' in both places' : `, and ${show(bytes)} at the other place`;
  const verb = other.who === 'dram' ? 'holds' : 'sees';
  return same ? `, and so does ${nameOf(other.who)}` : `; ${nameOf(other.who)} ${verb} ${show(bytes)}`;
}

function checkPattern(name: string, bytes: Uint8Array, is: 'repeating' | 'varied'): Finding {
  const blocks = new Set<string>();
  const count = Math.floor(bytes.length / BLOCK_SIZE);
  for (let i = 0; i < count; i++) blocks.add(toHex(bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE)));
  const verb = name === 'The DRAM' ? 'holds' : 'sees';
  const says = `${name} ${verb} ${count} blocks of 16 bytes, ${blocks.size} of them different.`;
  return finding(blocks.size < count === (is === 'repeating'), says);
}

/** Bytes for a sentence: as text where they are text, otherwise the first eight in hexadecimal. */
function show(bytes: Uint8Array): string {
  const end = bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0);
  const head = bytes.subarray(0, Math.min(end, 24));
  const readable = head.length >= 4 && head.every((byte) => byte >= 32 && byte < 127);
  if (readable) return `“${String.fromCharCode(...head)}${end > 24 ? '…' : ''}”`;
  const hex = toHex(bytes.subarray(0, 8)).replace(/..(?=.)/g, '$& ');
  return `${hex}${bytes.length > 8 ? ' …' : ''}`;
}
