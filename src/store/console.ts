import { createStore } from 'zustand/vanilla';
import type { ConsoleReply, EngineApi } from '../worker/protocol';

export interface ConsoleLine {
  readonly id: number;
  /** `aside`: the simulator's own words beside what a program printed. */
  readonly kind: 'typed' | 'aside' | ConsoleReply['tone'];
  readonly text: string;
}

export interface ConsoleState {
  readonly lines: readonly ConsoleLine[];
  /** What was typed, oldest first. */
  readonly history: readonly string[];
}

const LINES = 500;
const HISTORY = 200;

export const consoleStore = createStore<ConsoleState>(() => ({ lines: [], history: [] }));

let nextId = 1;

function print(kind: ConsoleLine['kind'], texts: readonly string[]): void {
  const fresh = texts.map((text) => ({ id: nextId++, kind, text }));
  consoleStore.setState(({ lines }) => ({ lines: [...lines, ...fresh].slice(-LINES) }));
}

/** What an earlier visit left, in front of what is there already. */
export function restoreConsole(typed: readonly string[], printed: readonly Omit<ConsoleLine, 'id'>[]): void {
  const old = printed.map((line) => ({ ...line, id: nextId++ }));
  consoleStore.setState(({ lines, history }) => ({
    lines: [...old, ...lines].slice(-LINES),
    history: [...typed, ...history].slice(-HISTORY),
  }));
}

export const clearConsole = (): void => consoleStore.setState({ lines: [] });

function remember(line: string): void {
  consoleStore.setState(({ history }) => ({
    history: [...history.filter((old) => old !== line), line].slice(-HISTORY),
  }));
}

/** Sends a line to the machine and prints what comes back. */
export async function enter(line: string, engine: Pick<EngineApi, 'console'>): Promise<void> {
  const text = line.trim();
  if (text === '') return;
  remember(text);
  print('typed', [text]);
  if (text === 'clear') return clearConsole();
  try {
    const { printed = [], lines, tone } = await engine.console(text);
    for (const { text: line, aside } of printed) print(aside ? 'aside' : 'plain', [line]);
    print(tone, lines);
  } catch (error) {
    print('fault', [`No answer: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Walking through what was typed with the arrow keys; the line being written waits at the end. */
export interface Recall {
  /** Steps back from the line being written: 0 is that line itself. */
  readonly back: number;
  readonly draft: string;
}

export const FRESH: Recall = { back: 0, draft: '' };

export function recall(
  history: readonly string[],
  { back, draft }: Recall,
  shown: string,
  by: 1 | -1,
): { readonly state: Recall; readonly text: string } {
  const kept = back === 0 ? shown : draft;
  const next = Math.max(0, Math.min(history.length, back + by));
  return { state: { back: next, draft: kept }, text: next === 0 ? kept : (history.at(-next) ?? kept) };
}
