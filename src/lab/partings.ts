import { toHex } from '../engine/core/bytes';
import { called } from '../engine/core/words';
import { type CheckName, checkOfRule } from '../scenario/checks';
import type { SideStep } from './lockstep';
import type { Sight } from './watch';

/**
 * Where machines that follow one script part. Compared is what actors do and see: how each action that all of them have ended,
 * aims, the promised properties, what the guest reads at the place that is watched, whose the frame behind it is and its state by
 * the RMP. What must differ is not: keys, ciphertext, frame numbers, what Xen and the DRAM hold, what looks random to the guest.
 */
export const PARTING_KINDS = ['script', 'bytes', 'map', 'lamps'] as const;
export type PartingKind = (typeof PARTING_KINDS)[number];

/** Sides that came to the same. */
export interface Group {
  /** By their places in the comparison. */
  readonly sides: readonly number[];
  /** What they came to, in words that follow the machine’s name and a colon. */
  readonly says: string;
}

export interface Parting {
  readonly kind: PartingKind;
  /** Counts from 1. */
  readonly step: number;
  /** Two or more, the largest first. */
  readonly groups: readonly Group[];
  /** The check that made the difference, and on which side; null where none refused. */
  readonly check: {
    readonly side: number;
    readonly name: CheckName | null;
    readonly rule: string | null;
  } | null;
}

/** The sides’ records of one step. */
type Row = readonly SideStep[];

/** The first step at which they part in each way, in the order of the steps. `rows`: a row a step, as far as known. */
export function partings(rows: readonly Row[]): Parting[] {
  return PARTING_KINDS.flatMap((kind) => {
    const at = rows.findIndex((row) => groupsOf(kind, row).length > 1);
    const found = at < 0 ? null : partingAt(kind, rows, at + 1);
    return found ? [found] : [];
  }).sort((a, b) => a.step - b.step);
}

/** How they stand apart in one way after a step; null: they do not. */
export function partingAt(kind: PartingKind, rows: readonly Row[], step: number): Parting | null {
  const groups = groupsOf(kind, rows[step - 1] ?? []);
  return groups.length > 1 ? { kind, step, groups, check: checkAt(rows, step) } : null;
}

interface Told {
  /** Equal texts are the same; null: this side is not compared. */
  readonly key: string | null;
  readonly says: string;
}

const TOLD: Readonly<Record<PartingKind, (each: SideStep, row: Row) => Told>> = {
  script: scriptOf,
  bytes: bytesOf,
  map: mapOf,
  lamps: ({ broken, state, watched }) => ({
    key: state !== 'taken' && watched === null && broken.length === 0 ? null : names(broken),
    says: broken.length === 0 ? 'every property holds' : `${names(broken)} broken`,
  }),
};

const names = (broken: SideStep['broken']): string => broken.map(({ name }) => name).join(' and ');

function groupsOf(kind: PartingKind, row: Row): Group[] {
  const groups = new Map<string, { sides: number[]; says: string }>();
  row.forEach((each, side) => {
    const { key, says } = TOLD[kind](each, row);
    if (key === null) return;
    const group = groups.get(key);
    if (group) group.sides.push(side);
    else groups.set(key, { sides: [side], says });
  });
  return [...groups.values()].sort((a, b) => b.sides.length - a.sides.length);
}

/** Actions by type and how many of the type came before, so that those of one technology only shift nothing. */
function deedsOf({ deeds }: SideStep): Map<string, SideStep['deeds'][number]> {
  const counts = new Map<string, number>();
  return new Map(
    deeds.map((deed) => {
      const count = (counts.get(deed.type) ?? 0) + 1;
      counts.set(deed.type, count);
      return [`${deed.type} ${count}`, deed];
    }),
  );
}

function scriptOf(each: SideStep, row: Row): Told {
  if (each.state !== 'taken') return { key: null, says: '' };
  const others = row.filter(({ state }) => state === 'taken').map(deedsOf);
  const shared = [...deedsOf(each)].filter(([name]) => others.every((deeds) => deeds.has(name)));
  const ends = shared.map(([, { refused }]) => (refused ? `${refused.name} ${refused.rule.id}` : ''));
  const first = shared.find(([, { refused }]) => refused)?.[1].refused;
  const done = first ? `${first.name} by ${first.check ?? first.rule.id}` : 'goes through';
  const aim = each.aim
    ? each.aim.reached
      ? ', the attacker’s aim is reached'
      : ', the aim is not reached'
    : '';
  return { key: JSON.stringify([ends, each.aim?.reached ?? null]), says: done + aim };
}

function bytesOf({ watched }: SideStep): Told {
  const seen = watched?.seenByGuest;
  if (!watched?.guest || !seen) return { key: null, says: '' };
  const reads = `${called(watched.guest)} `;
  if (!seen.ok) return { key: seen.fault, says: `${reads}gets ${seen.fault}` };
  return { key: likenessOf(seen.bytes), says: `${reads}reads ${textOf(seen)}` };
}

function mapOf({ watched }: SideStep, row: Row): Told {
  if (!watched || watched.pfn === null) return { key: null, says: '' };
  const all = row.every((other) => other.watched === null || other.watched.rmp !== null);
  const rmp = all && watched.rmp ? `, ${watched.rmp}` : '';
  return { key: `${watched.owner}${rmp}`, says: `the frame is ${ownedBy(watched.owner)}${rmp}` };
}

const ownedBy = (owner: string): string =>
  owner === 'free' || owner === 'reserved'
    ? owner
    : owner.startsWith('the ')
      ? `${owner}’s`
      : `${called(owner)}’s`;

const BLOCK = 16;
/** Sixteen random bytes have fewer different values once in some ten thousand blocks. */
const LEAST_DIFFERENT = 12;

/** Does a block of 16 bytes look like noise: nearly all bytes differ, and it is no text? */
export function looksRandom(block: Uint8Array): boolean {
  const text = block.every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f));
  return !text && new Set(block).size >= LEAST_DIFFERENT;
}

/** Bytes with noise as one sign a block: no two machines make the same. */
function likenessOf(bytes: Uint8Array): string {
  let likeness = '';
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    likeness += looksRandom(block) ? '~' : `${toHex(block)} `;
  }
  return likeness;
}

/** The first block in words: text, noise, zeros or digits. */
function textOf(seen: Sight & { readonly ok: true }): string {
  const head = seen.bytes.subarray(0, BLOCK);
  const end = head.findLastIndex((byte) => byte !== 0) + 1;
  if (end === 0) return 'zeros';
  if (looksRandom(head)) return 'noise';
  const text = head.subarray(0, end);
  if (text.every((byte) => byte >= 0x20 && byte < 0x7f)) return `“${String.fromCharCode(...text)}”`;
  return `${toHex(head.subarray(0, 8)).replace(/..(?=.)/g, '$& ')} …`;
}

/**
 * The check that refuses somebody in the step and not everybody: an action, or the guest’s look; or that an aim names where there
 * is only noise. Else that of the last such refusal before.
 */
function checkAt(rows: readonly Row[], step: number): Parting['check'] {
  for (let at = step; at >= 1; at--) {
    const row = rows[at - 1] ?? [];
    const refused = refusalOf(row) ?? (at === step ? (refusedLook(row) ?? unless(row)) : null);
    if (refused) return refused;
  }
  return null;
}

function refusalOf(row: Row): Parting['check'] {
  for (const [side, { deeds }] of row.entries()) {
    const refused = deeds.find((deed) => deed.refused)?.refused;
    if (!refused) continue;
    const like = ({ deeds: others }: SideStep) =>
      others.some((deed) => deed.refused?.rule.id === refused.rule.id);
    if (!row.every(like)) return { side, name: refused.check, rule: refused.rule.id };
  }
  return null;
}

function refusedLook(row: Row): Parting['check'] {
  const looks = row.map(({ watched }) => watched?.seenByGuest ?? null);
  const side = looks.findIndex((seen) => seen?.ok === false);
  const seen = looks[side];
  if (!seen || seen.ok || !looks.some((other) => other?.ok)) return null;
  return { side, name: checkOfRule(seen.rule, seen.fault), rule: seen.rule };
}

function unless(row: Row): Parting['check'] {
  const side = row.findIndex(({ aim }) => aim && !aim.reached && aim.unless);
  const name = row[side]?.aim?.unless;
  return name ? { side, name, rule: null } : null;
}
