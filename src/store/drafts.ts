import { del, get, keys, set } from 'idb-keyval';

/** A scenario that somebody wrote, in this browser’s own storage. Untrusted like any file. */
export interface KeptDraft {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The name of its file. */
  readonly name: string;
  readonly text: string;
  /** The built-in scenario that it was made from. */
  readonly from: string | null;
}

const PREFIX = 'draft/';
const KEPT = 8;
const LONGEST_NAME = 128;
export const LONGEST_DRAFT = 256 * 1024;

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most;

/** Takes what was stored if it has the form of a draft. */
export function readDraft(stored: unknown): KeptDraft | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { at, name, text, from } = stored as Record<string, unknown>;
  if (typeof at !== 'number' || !isText(name, LONGEST_NAME) || !isText(text, LONGEST_DRAFT)) return null;
  if (from !== null && !isText(from, LONGEST_NAME)) return null;
  return { at, name, text, from };
}

/** Keeps a draft, and forgets the oldest beyond a handful. False without storage, or if it is too long. */
export async function keepDraft(draft: Omit<KeptDraft, 'at'>): Promise<boolean> {
  if (draft.text.length > LONGEST_DRAFT) return false;
  try {
    await set(PREFIX + draft.name, { ...draft, at: Date.now() } satisfies KeptDraft);
    const drafts = await keptDrafts();
    for (const { name } of drafts.slice(KEPT)) await del(PREFIX + name);
    return true;
  } catch {
    return false;
  }
}

export async function forgetDraft(name: string): Promise<void> {
  await del(PREFIX + name).catch(() => {});
}

/** All drafts of this browser, the newest first. */
export async function keptDrafts(): Promise<readonly KeptDraft[]> {
  try {
    const names = (await keys()).filter((key) => typeof key === 'string' && key.startsWith(PREFIX));
    const drafts = await Promise.all(names.map(async (name) => readDraft(await get(name))));
    return drafts.filter((draft) => draft !== null).sort((a, b) => b.at - a.at);
  } catch {
    return [];
  }
}
