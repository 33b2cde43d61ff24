import { type Action, actionSchema, definitionOf } from '../engine/actions';
import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../engine/core/address';
import { fieldInfos } from '../engine/core/fields';
import type { GuestOsCell } from '../engine/core/guestCells';
import type { Json } from '../engine/core/json';
import type { Platform } from '../engine/core/platform';
import type { FieldInfo } from '../engine/core/vocabulary';
import { capital } from '../engine/core/words';
import { twinOf } from '../engine/memory/stick';
import { entryPlace } from '../engine/rmp/table';
import { domains } from '../engine/xen/domains';
import { frameAt } from '../engine/xen/frames';
import { nestedCr3 } from '../engine/xen/nested';
import { type Expression, type OfName, parseExpression, type Term } from './expression';
import type { Address } from './fields';
import { firstProblem } from './issues';
import { inPlaceOf, type OwnPicture } from './ownPicture';
import { type PictureName, picture } from './pictures';
import { found, type Known, missing, type Place, type Resolved } from './place';
import type { ScenarioAction } from './schema';
import { labelOf, placeOfVcpu } from './vcpu';

/** What an expression means on this machine now. Changes nothing. */
export function resolvePlace(p: Platform, address: Address): Resolved<Place> {
  if (typeof address === 'number') return found({ value: address, space: 'number', guest: null });
  const expression = parseExpression(address);
  return expression ? sum(p, expression) : missing(`“${address}” is no address.`);
}

/** The number alone. */
export function resolveNumber(p: Platform, address: Address): Resolved<number> {
  const place = resolvePlace(p, address);
  return place.ok ? found(place.value.value) : place;
}

/** The system physical address of a place, wherever its own address counts. */
export function resolveSpa(p: Platform, place: Place): Resolved<number> {
  if (place.space === 'number' || place.space === 'spa') return found(place.value);
  const known = guestNamed(p, place.guest ?? '');
  if (!known.ok) return known;
  const gpa = place.space === 'gva' ? place.value - GUEST_BASE : place.value;
  const frame = frameAt(known.value.domain.frames, Math.floor(gpa / PAGE_SIZE));
  if (frame === null)
    return missing(`${capital(known.value.domain.name)} was given no memory at GPA 0x${gpa.toString(16)}.`);
  return found(frame * PAGE_SIZE + (gpa % PAGE_SIZE));
}

function sum(p: Platform, expression: Expression): Resolved<Place> {
  let total: Place = { value: 0, space: 'number', guest: null };
  for (const term of expression) {
    const next = resolveTerm(p, term);
    if (!next.ok) return next;
    const { space, guest } = next.value.space === 'number' ? total : next.value;
    total = { value: total.value + next.value.value, space, guest };
  }
  return found(total);
}

function resolveTerm(p: Platform, term: Term): Resolved<Place> {
  if (term.kind === 'number') return found({ value: term.value, space: 'number', guest: null });
  if (term.kind === 'of') {
    const inner = sum(p, term.inner);
    return inner.ok ? convert(p, inner.value, term.name) : inner;
  }
  const known = guestNamed(p, term.guest);
  if (!known.ok) return known;
  if (term.kind === 'label') return labelOf(known.value, term.label);
  const { domain, os } = known.value;
  if (term.kind === 'place') {
    const object = os?.objects.findLast((each) => each.name === term.object);
    if (!object) return missing(`${capital(term.guest)} has nothing named “${term.object}”.`);
    return found({ value: object.address, space: 'gva', guest: term.guest });
  }
  if (term.name === 'memory') return found({ value: 0, space: 'gpa', guest: term.guest });
  if (term.name === 'nested') return found({ value: nestedCr3(p, domain), space: 'number', guest: null });
  if (term.name === 'table') return tablePage(os, term.guest, term.index);
  if (term.name === 'asid' || term.name === 'core')
    return found({ value: domain[term.name], space: 'number', guest: null });
  return placeOfVcpu(p, known.value, term.name, term.index);
}

function convert(p: Platform, place: Place, to: OfName): Resolved<Place> {
  if (to === 'spa' || to === 'rmp' || to === 'twin') {
    const spa = resolveSpa(p, place);
    if (!spa.ok) return spa;
    const value = to === 'spa' ? spa.value : (to === 'rmp' ? entryPlace : twinOf)(p, spa.value);
    if (value === null)
      return missing(to === 'rmp' ? 'No entry of an RMP is there.' : 'No other address has its cell.');
    return found({ value, space: 'spa', guest: null });
  }
  if (place.space !== 'gva' && place.space !== 'gpa') return missing(`${to}() wants an address of a guest.`);
  const gpa = place.space === 'gva' ? place.value - GUEST_BASE : place.value;
  if (to === 'gpa') return found({ value: gpa, space: 'gpa', guest: place.guest });
  const guest = place.guest ?? '';
  const known = guestNamed(p, guest);
  if (!known.ok) return known;
  const table = tablePage(known.value.os, guest, FIRST_LEAF_TABLE + Math.floor(gpa / LARGE_PAGE_SIZE));
  if (!table.ok) return table;
  return found({ ...table.value, value: table.value.value + (Math.floor(gpa / PAGE_SIZE) % 512) * 8 });
}

/** A small guest's tables in the order in which it builds them: root, level 3, level 2, then the leaf tables. */
const FIRST_LEAF_TABLE = 3;

function tablePage(os: GuestOsCell | null, guest: string, index: number): Resolved<Place> {
  const page = os?.tablePages[index];
  if (page === undefined) return missing(`${capital(guest)} has no page-table page number ${index}.`);
  return found({ value: GUEST_BASE + page * PAGE_SIZE, space: 'gva', guest });
}

/** A guest by name: the living one, or the last that had the name. */
export function guestNamed(p: Platform, name: string): Resolved<Known> {
  const named = domains(p).filter((domain) => domain.name === name);
  const domain = named.find((each) => each.alive) ?? named.at(-1);
  if (!domain) return missing(`There is no guest named ${name}.`);
  return found({ domain, os: p.state.cell('guest', domain.id) });
}

/**
 * Turns a step's action into one of the vocabulary: expressions become numbers, pictures become files, or the visitor's own
 * picture does in their place.
 */
export function resolveAction(
  p: Platform,
  action: ScenarioAction,
  addBlob: (bytes: Uint8Array) => string,
  own: OwnPicture | null = null,
): Resolved<Action> {
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(action)) {
    const kind = kindOf(action.type, name);
    if (typeof value !== 'string' || !kind || !isMeant(kind, value)) {
      fields[name] = value;
      continue;
    }
    const number = resolveNumber(p, value);
    if (!number.ok) return number;
    fields[name] = kind === 'value' ? `0x${number.value.toString(16)}` : number.value;
  }
  if (typeof action.picture === 'string') {
    const name = action.picture as PictureName;
    const { title, width, height, bytes } = picture(name);
    const blob = addBlob(own ? inPlaceOf(name, own.bytes) : bytes);
    delete fields.picture;
    Object.assign(fields, { name: action.name ?? title, blob, width, height });
  }
  const checked = actionSchema.safeParse(fields, { reportInput: true });
  return checked.success ? found(checked.data) : missing(firstProblem(checked.error).message);
}

const NUMERIC: ReadonlySet<FieldInfo['kind']> = new Set(['address', 'number', 'core']);

function kindOf(type: string, name: string): FieldInfo['kind'] | undefined {
  const definition = definitionOf(type);
  const fields = definition ? fieldInfos(definition.schema) : [];
  return fields.find((field) => field.name === name)?.kind;
}

/** Is a text in a field of this kind an expression: where a number belongs, or a value that is not written out? */
const isMeant = (kind: FieldInfo['kind'], text: string): boolean =>
  NUMERIC.has(kind) || (kind === 'value' && !WRITTEN_OUT.test(text));

const WRITTEN_OUT = /^(0x)?[0-9a-f]{1,16}$/i;
