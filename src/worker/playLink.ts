import type { Action } from '../engine/actions';
import type { Machine } from '../engine/machine';
import { encodeLink } from '../history/permalink';
import { saveSession } from '../history/saved';
import type { Session } from '../history/session';
import type { Status } from './protocol';

/** A link never carries files beyond this; it would not fit anyway. */
const LINKED_FILES = 16 * 1024;

/** The link of a free play, which has to say everything that was done. */
export async function playLink(session: Session<Action, Machine>): Promise<Status['link']> {
  const saved = saveSession(session, '');
  let files = 0;
  for (const bytes of saved.blobs.values()) files += bytes.length;
  if (files > LINKED_FILES) return { tooLong: files };
  const link = await encodeLink<Action>({ kind: 'play', saved });
  return typeof link === 'string' ? { hash: link } : link;
}
