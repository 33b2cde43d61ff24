import { del, get, keys, set } from 'idb-keyval';
import type { Place } from '../worker/protocol';
import { engineStore } from './engine';

/** A session in this browser's own storage. It is untrusted like any file: the worker's `open` checks it. */
interface Saved {
  readonly at: number;
  readonly file: Blob;
}

const PREFIX = 'session/';
const KEPT = 5;
const LARGEST = 96 * 1024 * 1024;
const FILE = 'session.json';

const freshId = (): string => crypto.randomUUID().slice(0, 8);

/** The open session's place in the storage; an opened saved session goes on under its own id. */
let sessionId = freshId();
/** The place of the one before, for as long as it is not certain that another one could be opened. */
let formerId = sessionId;

export const currentSaveId = (): string => sessionId;
export const adoptSaveId = (id: string): void => {
  sessionId = id;
};

/** Another session is being opened: what was kept stays as it is, so that Back finds it. */
export function leaveSaved(): void {
  formerId = sessionId;
  sessionId = freshId();
}

/** It could not be opened. */
export const staySaved = (): void => adoptSaveId(formerId);

/** Stores a session, forgets the oldest beyond a handful. Without storage the address bar alone must do. */
export async function keepSession(file: Blob): Promise<boolean> {
  if (file.size > LARGEST) return false;
  try {
    await set(PREFIX + sessionId, { at: Date.now(), file } satisfies Saved);
    await forgetOldest();
    return true;
  } catch {
    return false;
  }
}

export async function savedSession(id: string): Promise<Uint8Array | null> {
  try {
    const saved: Partial<Saved> | undefined = await get(PREFIX + id);
    if (!(saved?.file instanceof Blob) || saved.file.size > LARGEST) return null;
    return new Uint8Array(await saved.file.arrayBuffer());
  } catch {
    return null;
  }
}

async function forgetOldest(): Promise<void> {
  const ours = (await keys()).filter(
    (key): key is string => typeof key === 'string' && key.startsWith(PREFIX),
  );
  if (ours.length <= KEPT) return;
  const dated = await Promise.all(
    ours.map(async (key) => ({ key, at: ((await get(key)) as Partial<Saved> | undefined)?.at ?? 0 })),
  );
  dated.sort((a, b) => b.at - a.at);
  for (const { key } of dated.slice(KEPT)) await del(key);
}

/** What a new worker should open after a crash, the best first. */
export async function keptPlaces(): Promise<readonly Place[]> {
  const link = engineStore.getState().status?.link;
  const places: Place[] = link && 'hash' in link ? [{ kind: 'link', hash: link.hash }] : [];
  const bytes = (await savedSession(sessionId)) ?? (await savedSession(formerId));
  if (bytes) places.push({ kind: 'file', name: FILE, bytes });
  return places;
}

export const savedPlace = (bytes: Uint8Array): Place => ({ kind: 'file', name: FILE, bytes });
