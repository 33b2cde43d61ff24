import type { Action } from '../engine/actions';
import { encodeLink } from '../history/permalink';
import { keep } from './keep';
import type { Status } from './protocol';
import type { Shown } from './shown';

/** A link never carries files beyond this; it would not fit anyway. */
const LINKED_FILES = 16 * 1024;

/** The link of a session that is more than a moment of a built-in scenario: it has to say everything that was done. */
export async function playLink(opened: Shown): Promise<Status['link']> {
  const saved = keep(opened);
  let files = 0;
  for (const bytes of saved.blobs.values()) files += bytes.length;
  if (files > LINKED_FILES) return { tooLong: files };
  const link = await encodeLink<Action>({ kind: 'play', saved });
  return typeof link === 'string' ? { hash: link } : link;
}
