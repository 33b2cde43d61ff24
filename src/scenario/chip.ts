import { lineBase, pageBase } from '../engine/core/address';
import { HOST_KEY, type KeySelector, keyName, NO_KEY } from '../engine/core/key';
import type { Platform } from '../engine/core/platform';
import { FEATURE_NAMES, featuresOf } from '../engine/cpu/cpuid';
import { translate } from '../engine/cpu/translate';
import { modeOf, onCore } from '../engine/look';
import { hostVirtual } from '../engine/xen/host';
import type { CacheExpectation, EntryExpectation, TlbExpectation } from './expectation';
import type { Address } from './fields';
import { type Finding, finding, type Moment } from './moment';
import type { Resolved } from './place';
import { resolveNumber, resolvePlace, resolveSpa } from './resolve';

/** Expectations about what is inside the chip: cache lines, translations, entries, key slots, CPUID. */

const hex = (n: number): string => `0x${n.toString(16)}`;

function spaOf(p: Platform, at: Address): Resolved<number> {
  const place = resolvePlace(p, at);
  return place.ok ? resolveSpa(p, place.value) : place;
}

function selectorOf(p: Platform, key: Address): Resolved<KeySelector> {
  if (key === 'none') return { ok: true, value: NO_KEY };
  return key === 'host' ? { ok: true, value: HOST_KEY } : resolveNumber(p, key);
}

/** Is there such a line in the cache, under that key? */
export function checkCache({ platform: p }: Moment, { cache: wanted, is }: CacheExpectation): Finding {
  const spa = spaOf(p, wanted.at);
  if (!spa.ok) return finding(false, spa.message);
  const key = selectorOf(p, wanted.key);
  if (!key.ok) return finding(false, key.message);
  const lines = p.state.caches.flatMap((cache, complex) =>
    [...cache.values()].map((line) => ({ ...line, complex })),
  );
  const line = lines.find(
    (each) =>
      each.address === lineBase(spa.value) &&
      each.key === key.value &&
      (wanted.complex ?? each.complex) === each.complex &&
      (wanted.dirty ?? each.dirty) === each.dirty &&
      String.fromCharCode(...each.data).startsWith(wanted.starts ?? ''),
  );
  const what = `line ${hex(lineBase(spa.value))} under ${keyName(key.value)}`;
  const says = line
    ? `Complex ${line.complex} holds the ${what}, ${line.dirty ? 'dirty' : 'clean'}.`
    : `No cache holds such a ${what}.`;
  return finding((line !== undefined) === (is === 'present'), says);
}

/** Does a core's TLB hold a translation of the address under that ASID? */
export function checkTlb({ platform: p }: Moment, { tlb: wanted, is }: TlbExpectation): Finding {
  const at = resolveNumber(p, wanted.at);
  if (!at.ok) return finding(false, at.message);
  const asid = resolveNumber(p, wanted.asid);
  if (!asid.ok) return finding(false, asid.message);
  const entries = p.state.tlbs.flatMap((tlb, core) => [...tlb.values()].map((entry) => ({ ...entry, core })));
  const entry = entries.find(
    (each) =>
      each.asid === asid.value &&
      at.value >= each.page &&
      at.value < each.page + each.size &&
      (wanted.core ?? each.core) === each.core &&
      (wanted.c ?? each.c) === each.c,
  );
  const what = `entry for ${hex(pageBase(at.value))} with ASID ${asid.value}`;
  const says = entry
    ? `Core ${entry.core} holds an ${what}, C = ${entry.c ? 1 : 0}.`
    : `No TLB holds such an ${what}.`;
  return finding((entry !== undefined) === (is === 'present'), says);
}

/** The bit of the leaf entry that maps an address, as the page-table walker reads it. */
export function checkEntry(
  { platform: p }: Moment,
  { entry: { who, at }, bit, is }: EntryExpectation,
): Finding {
  const place = resolvePlace(p, at);
  if (!place.ok) return finding(false, place.message);
  const name = who.split('.')[0] ?? who;
  const mode = modeOf(p, name);
  if (!mode) return finding(false, `Nobody named ${name} has page tables.`);
  const spa = resolveSpa(p, place.value);
  if (name === 'xen' && !spa.ok) return finding(false, spa.message);
  const view = who === 'xen.c0' ? '0' : who === 'xen.c1' ? '1' : 'mapped';
  const virtual = name === 'xen' && spa.ok ? hostVirtual(spa.value, view) : place.value.value;
  const { steps } = translate(onCore(p, mode, { withTlb: false }), mode.id, virtual, 'read');
  const leaf = steps.findLast((step) => step.table === (name === 'xen' ? 'host' : 'guest'));
  if (!leaf) return finding(false, `No walk of ${name} reaches ${hex(virtual)}.`);
  const value = Number((leaf.raw >> BigInt(bit)) & 1n);
  return finding(
    value === is,
    `Bit ${bit} of the entry 0x${leaf.raw.toString(16).padStart(16, '0')} is ${value}.`,
  );
}

/** Is there a key in a slot of the memory controller? */
export function checkSlot({ platform: p }: Moment, key: Address, is: 'loaded' | 'empty'): Finding {
  const slot = selectorOf(p, key);
  if (!slot.ok) return finding(false, slot.message);
  const held = p.state.cell('slot', slot.value);
  return finding(
    (held !== null) === (is === 'loaded'),
    `The slot for ${keyName(slot.value)} is ${held ? 'loaded' : 'empty'}.`,
  );
}

/** What CPUID Fn8000_001F says, by name. */
export function checkCpuid({ platform: p }: Moment, name: string, is: number | boolean): Finding {
  const cpu = featuresOf(p.state);
  const { has, ...numbers } = cpu;
  const value =
    name in numbers ? numbers[name as keyof typeof numbers] : FEATURE_NAMES.includes(name) ? has(name) : null;
  if (value === null) return finding(false, `CPUID Fn8000_001F has nothing named ${name}.`);
  const says =
    typeof value === 'boolean'
      ? `CPUID ${value ? 'reports' : 'does not report'} ${name}.`
      : `CPUID says ${name} = ${value}.`;
  return finding(value === is, says);
}
