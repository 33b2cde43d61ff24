/**
 * Address expressions of scenario files: what an author can write instead of a number. `alice:balance + 0x10`,
 * `spa(alice:balance)`, `vmcb(alice)`, `vmsa(alice, 1)`, `ghcb(alice)`, `label(alice, again)`, `table(alice, 1)`,
 * `2 MiB`. Only their form is known
 * here; `resolve.ts` gives them values against a machine.
 */
export type Term =
  | { readonly kind: 'number'; readonly value: number }
  /** An object that a guest has allocated. */
  | { readonly kind: 'place'; readonly guest: string; readonly object: string }
  /** A label of the program that a guest has loaded. */
  | { readonly kind: 'label'; readonly guest: string; readonly label: string }
  | { readonly kind: 'guest'; readonly name: CallName; readonly guest: string; readonly index: number }
  | { readonly kind: 'of'; readonly name: OfName; readonly inner: Expression };

/** Terms that are added up; never empty. */
export type Expression = readonly Term[];

/**
 * Functions of a vCPU of a guest, the first one if no other is named: its control block; where Xen keeps its general
 * registers; with SEV-ES its VMSA, where the checksum of that lies, and its GHCB.
 */
const OF_VCPUS = ['vmcb', 'registers', 'vmsa', 'checksum', 'ghcb'] as const;
/** Functions of a guest: its n-th page-table page, its ASID, its core, where its memory begins (GPA 0), nCR3 with its C-bit. */
const CALLS = [...OF_VCPUS, 'table', 'asid', 'core', 'memory', 'nested'] as const;
/**
 * Functions of an address: its physical addresses, the page-table entry that maps it, where the entry of the RMP for it lies, and
 * the other address of its cell where sticks lie.
 */
const OFS = ['spa', 'gpa', 'pte', 'rmp', 'twin'] as const;
export type OfVcpu = (typeof OF_VCPUS)[number];
type CallName = (typeof CALLS)[number];
export type OfName = (typeof OFS)[number];

/** Longest expression that is read. */
export const LONGEST_EXPRESSION = 100;

const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const NUMBER = /^(0x[0-9a-f]{1,13}|\d{1,16})(?: (KiB|MiB|GiB|TiB))?$/i;
const GUEST = /^[a-z][a-z0-9-]{0,15}$/;
const PLACE = /^([a-z][a-z0-9-]{0,15}):([^:+(),]{1,64})$/;
const LABEL = /^[a-z_.][\w.]{0,31}$/i;
const CALL = /^([a-z]+)\((.*)\)$/;

/** A number of bytes: `4096`, `0x1000` or `16 MiB`; null for anything else. */
export function parseSize(text: string): number | null {
  const match = NUMBER.exec(text.trim());
  if (!match?.[1]) return null;
  const unit = match[2] ? UNITS[match[2] as keyof typeof UNITS] : 1;
  const value = Number(match[1]) * (unit ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : null;
}

/** Reads an expression; null when it is none. */
export function parseExpression(text: string): Expression | null {
  if (text.length > LONGEST_EXPRESSION) return null;
  const terms = splitOutside(text, '+').map((part) => parseTerm(part.trim()));
  return terms.every((term) => term !== null) ? terms : null;
}

function parseTerm(text: string): Term | null {
  const value = parseSize(text);
  if (value !== null) return { kind: 'number', value };
  const place = PLACE.exec(text);
  if (place?.[1] && place[2]) return { kind: 'place', guest: place[1], object: place[2].trim() };
  const call = CALL.exec(text);
  return call ? parseCall(call[1] ?? '', call[2] ?? '') : null;
}

function parseCall(name: string, inside: string): Term | null {
  if (isOneOf(OFS, name)) {
    const inner = parseExpression(inside);
    return inner && { kind: 'of', name, inner };
  }
  const [guest = '', index, ...rest] = inside.split(',').map((part) => part.trim());
  if (name === 'label')
    return GUEST.test(guest) && LABEL.test(index ?? '') && rest.length === 0
      ? { kind: 'label', guest, label: index ?? '' }
      : null;
  if (!isOneOf(CALLS, name)) return null;
  if (!GUEST.test(guest) || !hasIndex(name, index) || rest.length > 0) return null;
  return { kind: 'guest', name, guest, index: Number(index ?? 0) };
}

/** A table needs a number, a vCPU may have one. */
function hasIndex(name: CallName, index: string | undefined): boolean {
  if (index === undefined) return name !== 'table';
  return (name === 'table' || isOneOf(OF_VCPUS, name)) && /^\d{1,6}$/.test(index);
}

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);

/** Splits at a separator that stands outside parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === separator && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** The bytes that a checked size means, given as a number or as `16 MiB`. */
export const bytesOf = (value: number | string): number =>
  typeof value === 'number' ? value : (parseSize(value) ?? Number.NaN);
