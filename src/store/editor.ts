import { createStore } from 'zustand/vanilla';
import { EngineGone } from '../worker/client';
import type { Finding, Rerun } from '../worker/protocol';
import { leaveSaved, staySaved } from './autosave';
import { freeName } from './draftName';
import { forgetDraft, type KeptDraft, keepDraft, keptDrafts } from './drafts';
import { engineStore } from './engine';
import { refreshScript } from './script';
import { begin, engine } from './session';
import { setView } from './view';

/** A file in the editor, as it was when it was opened. */
export interface OpenFile {
  readonly name: string;
  /** The built-in scenario that it was made from. */
  readonly from: string | null;
  /** To which Discard goes back. */
  readonly original: string;
  readonly asWritten: boolean;
  /** Grows with each file, so that the editor begins a new document. */
  readonly opening: number;
}

/** `same`: nothing was edited since the open session was run. `late`: what was typed has not run yet. */
export type RunState = 'same' | 'late' | 'running' | 'ran' | 'refused' | 'cancelled';

export interface EditorStoreState {
  readonly file: OpenFile | null;
  /** What stands in the editor. */
  readonly text: string;
  readonly run: RunState;
  /** Part of a run that is done, 0 … 1, and what is being done. */
  readonly progress: { readonly done: number; readonly what: string } | null;
  /** Why the text cannot be read. */
  readonly refused: Finding | null;
  /** The last text that ran, which is what the machine shows. */
  readonly ranText: string;
  /** False when this browser keeps nothing. */
  readonly safe: boolean;
  /** An earlier version of the same scenario that this browser has kept. */
  readonly earlier: KeptDraft | null;
}

const PAUSE = 400;

export const editorStore = createStore<EditorStoreState>(() => ({
  file: null,
  text: '',
  run: 'same',
  progress: null,
  refused: null,
  ranText: '',
  safe: true,
  earlier: null,
}));

const state = editorStore.getState;
const put = (part: Partial<EditorStoreState>): void => editorStore.setState(part);

let openings = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let running: Promise<unknown> | null = null;
/** Where a run should have stood, if it did not get so far. */
let wished: { readonly step: number; readonly reached: number } | null = null;

export const closeEditor = (): void => setView({ editing: false });

/** Fetches the text of the open script into the editor, unless it is there already. */
export async function followSession(): Promise<void> {
  const id = engineStore.getState().status?.scenario?.id ?? null;
  const { file } = state();
  if (id === null || running || (file && shows(file, id))) return;
  const source = await engine.source().catch(() => null);
  if (!source) return;
  const drafts = await keptDrafts();
  const kept = source.builtIn
    ? (drafts.find(({ from }) => from === source.builtIn) ?? null)
    : (drafts.find(({ name }) => name === source.name) ?? null);
  const resumed = !source.builtIn && kept !== null && !source.asWritten ? kept : null;
  const name = source.builtIn ? freeName(source.name, drafts) : source.name;
  clearTimeout(timer);
  wished = null;
  put({
    file: {
      name,
      from: source.builtIn ?? resumed?.from ?? null,
      original: await originalOf(source.text, resumed),
      asWritten: source.asWritten || resumed !== null,
      opening: ++openings,
    },
    text: resumed?.text ?? source.text,
    run: resumed && resumed.text !== source.text ? 'late' : 'same',
    refused: null,
    ranText: source.text,
    earlier: source.builtIn ? kept : null,
  });
  // After a reload the session has its script’s data only: the worker is told the text, unless that would undo something.
  const { status } = engineStore.getState();
  if (resumed && !status?.scenario?.strayed && !status?.forked) await runNow();
}

/** Is the session of this name the one that the editor has? */
const shows = (file: OpenFile, id: string): boolean =>
  id === file.name || (id === file.from && state().ranText === file.original);

/** What Discard goes back to: a version kept from a built-in scenario goes back to that one. */
const originalOf = async (text: string, resumed: KeptDraft | null): Promise<string> =>
  (resumed?.from && (await engine.builtInText(resumed.from).catch(() => null))) || text;

/** Something was typed: kept at once, run when the fingers rest. */
export function edited(text: string): void {
  const { file, ranText } = state();
  if (!file || text === state().text) return;
  put({ text, run: text === ranText ? 'same' : 'late', refused: text === ranText ? null : state().refused });
  clearTimeout(timer);
  timer = setTimeout(() => {
    void keep();
    if (state().text !== state().ranText) void runNow();
  }, PAUSE);
}

async function keep(): Promise<void> {
  const { file, text } = state();
  if (!file) return;
  if (text === file.original) await forgetDraft(file.name);
  else put({ safe: await keepDraft({ name: file.name, text, from: file.from }) });
}

/** Another text in the place of this one, under another name: a file that was opened in the editor. */
export function renameFile(name: string): void {
  const { file } = state();
  if (file) put({ file: { ...file, name, from: null } });
}

/** Takes up the earlier version that was offered. */
export function takeEarlier(): string | null {
  const { file, earlier } = state();
  if (!file || !earlier) return null;
  put({ file: { ...file, name: earlier.name }, earlier: null });
  return earlier.text;
}

export function cancelRun(): void {
  void engine.cancelRerun().catch(() => {});
}

/** Runs what stands in the editor, after whatever is running has been told to stop. */
export async function runNow(): Promise<void> {
  clearTimeout(timer);
  const { file } = state();
  while (running) {
    cancelRun();
    await running;
  }
  // Meanwhile another file may have been opened.
  if (!file || state().file?.opening !== file.opening) return;
  running = attempt(state().text);
  await running.finally(() => {
    running = null;
  });
}

async function attempt(text: string): Promise<void> {
  const { file } = state();
  const { status } = engineStore.getState();
  if (!file || !status) return;
  const at = status.scenario?.step ?? 0;
  const step = wished?.reached === at ? wished.step : at;
  const first = status.scenario?.id !== file.name || status.scenario.strayed || status.forked;
  put({ run: 'running', progress: null });
  const reply = await opening(first ? 'push' : 'replace', () =>
    engine.rerun({ name: file.name, text, from: file.from, step }, (done, what) =>
      put({ progress: { done, what } }),
    ),
  );
  put({ progress: null });
  if (reply?.state === 'ran') {
    const reached = engineStore.getState().status?.scenario?.step ?? 0;
    wished = reached < step ? { step, reached } : null;
    put({ run: state().text === text ? 'ran' : 'late', ranText: text, refused: null });
  } else if (reply?.state === 'refused') put({ run: 'refused', refused: reply.finding });
  else put({ run: 'cancelled' });
}

/** Another session may take the place of this one; what is refused leaves everything as it is. */
async function opening(how: 'push' | 'replace', ask: () => Promise<Rerun>): Promise<Rerun | null> {
  begin(how);
  leaveSaved();
  try {
    const reply = await ask();
    if (reply.state !== 'ran') staySaved();
    else await refreshScript(engine);
    return reply;
  } catch (error) {
    staySaved();
    if (!(error instanceof EngineGone)) throw error;
    return null;
  }
}
