import type { z } from '../engine/core/zod';
import { fromBase64Url, toBase64Url } from './base64';
import { deflate, inflate } from './deflate';
import { checked, type Located, located, parseJson } from './located';
import { fromDocument, type SavedSession, toDocument, viewSchema } from './saved';
import { type ScenarioMoment, scenarioMoment, scenarioPart } from './scenarioLink';
import { isKnownVersion, unknownVersion, upgradeLink } from './upgrade';
import { CURRENT_VERSION } from './version';

/** What a link names: a moment in a built-in scenario, or a whole free play. */
export type LinkPlace<A> =
  | ({ readonly kind: 'scenario' } & ScenarioMoment)
  | { readonly kind: 'play'; readonly saved: SavedSession<A> };

/** Longest link, from `#` on, that is made or read: what mail programs and chats still pass on. */
export const LONGEST_LINK = 8000;
/** A link's document never unpacks to more bytes. */
const LARGEST_DOCUMENT = 4 * 1024 * 1024;

/**
 * The address of a place, from `#` on; or how long it would have been: save such a session as a file.
 * Scenario links are at most 90 characters, without a view at most 49; a variant adds up to 41.
 * @throws RangeError on a place whose scenario, step or view no link can name: a bug of the caller.
 */
export async function encodeLink<A>(place: LinkPlace<A>): Promise<string | { readonly tooLong: number }> {
  const link = `#${CURRENT_VERSION}/${await body(place)}`;
  return link.length > LONGEST_LINK ? { tooLong: link.length } : link;
}

/** Reads a link's part from `#` on, of any released version. Never throws. */
export async function decodeLink<A>(
  hash: string,
  actionSchema: z.ZodMiniType<A>,
): Promise<Located<LinkPlace<A>>> {
  if (hash.length > LONGEST_LINK) {
    return located(
      'the link',
      `The link has ${hash.length} characters; none is longer than ${LONGEST_LINK}.`,
    );
  }
  const text = unescaped(hash.replace(/^#/, ''));
  const marked = /^(\d{1,6})\/(.*)$/s.exec(text);
  if (!marked && !text.startsWith('s=')) {
    return located('the link', 'The link does not start like one of SEVscope (#2/s/… or #2/p/…).');
  }
  const version = Number(marked?.[1] ?? 0);
  if (!isKnownVersion(version)) return located('the version', unknownVersion('link', version));
  const upgraded = upgradeLink(version, marked?.[2] ?? text);
  if (upgraded.startsWith('s/')) return readScenario(upgraded.slice(2));
  if (upgraded.startsWith('p/')) return readPlay(version, upgraded.slice(2), actionSchema);
  return located('the link', 'The link names neither a scenario (s/…) nor a free play (p/…).');
}

async function body<A>(place: LinkPlace<A>): Promise<string> {
  if (place.kind === 'play') {
    const bytes = new TextEncoder().encode(JSON.stringify(toDocument(place.saved)));
    return `p/${toBase64Url(await deflate(bytes))}`;
  }
  return scenarioPart(place);
}

function readScenario(text: string): Located<LinkPlace<never>> {
  const moment = scenarioMoment(text);
  if (!moment) {
    const form =
      '<scenario>/<step>, perhaps with ~<technology>~<mitigation> behind the scenario, and .<change> and /<view>';
    return located('the scenario', `The link should go on ${form}, but goes on "${text.slice(0, 40)}".`);
  }
  const view = checked(viewSchema, moment.view, 'the view');
  return view.ok ? { ok: true, value: { kind: 'scenario', ...moment } } : view;
}

async function readPlay<A>(
  version: number,
  text: string,
  actionSchema: z.ZodMiniType<A>,
): Promise<Located<LinkPlace<A>>> {
  const packed = fromBase64Url(text);
  if (!packed) return located('the session', 'The session in the link has characters that no link has.');
  const bytes = await inflate(packed, LARGEST_DOCUMENT);
  if (bytes === 'damaged') return located('the session', 'The session in the link is damaged or cut off.');
  if (bytes === 'too large') {
    return located('the session', `The session in the link unpacks to more than ${LARGEST_DOCUMENT} bytes.`);
  }
  const document = parseJson(bytes, 'the session');
  if (!document.ok) return document;
  const saved = fromDocument(version, document.value, actionSchema);
  return saved.ok ? { ok: true, value: { kind: 'play', saved: saved.value } } : saved;
}

/** Some programs escape `@` and `:` in a link. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
