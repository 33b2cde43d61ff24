import { parseAddress } from './address';
import { type ConsoleLine, consoleStore, restoreConsole } from './console';
import { engineStore } from './engine';
import { notify } from './notices';
import { type Prediction, predictionsStore } from './predictions';
import { currentAddress } from './router';

/** What the address does not say and a reload should not lose, and where a visit ended. */
export interface Visit {
  readonly address: string;
  readonly place: string;
  readonly predictions: Readonly<Record<string, Prediction>>;
  readonly typed: readonly string[];
  readonly printed: readonly Omit<ConsoleLine, 'id'>[];
}

const KEY = 'sevscope.visit';
const LONGEST = 256 * 1024;
const MOST = 200;
const KINDS = ['typed', 'plain', 'aside', 'refused', 'fault'] as const;

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(-MOST) : []);
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** Anybody may have written into the storage: take what fits, leave the rest. */
export function readVisit(text: string | null): Visit {
  let stored: unknown = null;
  try {
    if (text !== null && text.length <= LONGEST) stored = JSON.parse(text);
  } catch {
    // as if nothing were there
  }
  const { address, place, predictions, typed, printed } = fieldsOf(stored);
  return {
    address: isText(address, 10_000) && address.startsWith('#') ? address : '',
    place: isText(place, 120) ? place : '',
    predictions: Object.fromEntries(
      Object.entries(fieldsOf(predictions)).flatMap(([key, value]) => {
        const prediction = readPrediction(value);
        return prediction && key.length <= 160 ? [[key, prediction]] : [];
      }),
    ),
    typed: listOf(typed).filter((line) => isText(line, 10_000)),
    printed: listOf(printed).flatMap((line) => {
      const { kind, text } = fieldsOf(line);
      const known = KINDS.find((each) => each === kind);
      return known && isText(text, 10_000) ? [{ kind: known, text }] : [];
    }),
  };
}

function readPrediction(value: unknown): Prediction | null {
  const { guess, answer } = fieldsOf(value);
  if (typeof guess !== 'number') return null;
  const { right, because } = fieldsOf(answer);
  const known = (right === null || typeof right === 'number') && isText(because, 4000);
  return { guess, answer: known ? { right, because } : null };
}

function present(): Visit {
  const { status } = engineStore.getState();
  const { lines, history } = consoleStore.getState();
  const scenario = status?.scenario;
  return {
    address: currentAddress(),
    place: scenario ? `“${scenario.title}”, step ${scenario.step}` : 'free play',
    predictions: predictionsStore.getState().predictions,
    typed: history.slice(-MOST),
    printed: lines.slice(-MOST).map(({ kind, text }) => ({ kind, text })),
  };
}

/**
 * Takes up what the last visit left, and leaves the same for the next. `plain`: nobody asked for a certain place, so that
 * the one where the last visit ended is offered.
 */
export function keepVisit(storage: Storage | null, plain: boolean): void {
  const last = readVisit(storage?.getItem(KEY) ?? null);
  predictionsStore.setState(({ predictions }) => ({ predictions: { ...last.predictions, ...predictions } }));
  restoreConsole(last.typed, last.printed);
  const keep = (): void => {
    try {
      storage?.setItem(KEY, JSON.stringify(present()));
    } catch {
      // full or forbidden: nothing is kept
    }
  };
  addEventListener('pagehide', keep);
  document.addEventListener('visibilitychange', () => document.hidden && keep());
  if (!plain || last.address === '' || sameSession(last.address, currentAddress())) return;
  notify({
    tone: 'offer',
    title: 'Go on where you stopped?',
    message: `You were in ${last.place}.`,
    offer: { label: 'Go on', perform: () => location.assign(last.address) },
  });
}

const sameSession = (a: string, b: string): boolean => parseAddress(a).session === parseAddress(b).session;
