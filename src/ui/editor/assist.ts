import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  startCompletion,
} from '@codemirror/autocomplete';
import { EditorView, hoverTooltip, type Tooltip } from '@codemirror/view';
import { engine } from '../../store/session';
import type { Assistance, Suggestion } from '../../worker/protocol';

const WORD = /[\w.-]$/;

const ask = (text: string, offset: number): Promise<Assistance | null> =>
  engine.assist(text, offset).catch(() => null);

/** What the worker suggests at the cursor, as the editor wants it. */
export async function complete({
  state,
  pos,
  explicit,
}: CompletionContext): Promise<CompletionResult | null> {
  const before = state.sliceDoc(Math.max(0, pos - 2), pos);
  if (!explicit && !WORD.test(before) && !/[:,{[-] $/.test(before)) return null;
  const found = await ask(state.doc.toString(), pos);
  if (!found || found.suggestions.length === 0) return null;
  return {
    from: found.from,
    to: Math.max(found.to, pos),
    options: found.suggestions.map(option),
    validFor: /^[\w.-]*$/,
  };
}

/** In the order in which they came, after what was typed has had its say. */
const option = ({ label, text, kind, detail, says }: Suggestion, index: number): Completion => ({
  label,
  detail,
  boost: Math.max(-99, 50 - index),
  ...(says ? { info: () => paragraph(says) } : {}),
  apply: (view, _, from, to) => {
    const insert = quotedAlready(view, from, to) ? text.replace(/^"|"$/g, '') : text;
    view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      userEvent: 'input.complete',
      scrollIntoView: true,
    });
    if (kind === 'key' && insert.endsWith(' ')) startCompletion(view);
  },
});

const quotedAlready = ({ state }: EditorView, from: number, to: number): boolean =>
  /["']/.test(state.sliceDoc(from - 1, from)) && /["']/.test(state.sliceDoc(to, to + 1));

function paragraph(text: string): HTMLElement {
  const element = document.createElement('p');
  element.className = 'cm-help';
  element.textContent = text;
  return element;
}

/** What the schema says about the word under the pointer. */
export const help = hoverTooltip(async ({ state }, pos): Promise<Tooltip | null> => {
  const found = await ask(state.doc.toString(), pos);
  if (!found?.help?.says) return null;
  const { title, says } = found.help;
  return { pos: found.from, end: found.to, create: () => ({ dom: paragraph(`${title}. ${says}`) }) };
});

const QUIET = 150;

/** Tells what the schema says about the place of the cursor, when it rests. */
export function followCursor(tell: (help: Assistance['help']) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  return EditorView.updateListener.of(({ state, docChanged, selectionSet, focusChanged }) => {
    if (!docChanged && !selectionSet && !focusChanged) return;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const found = await ask(state.doc.toString(), state.selection.main.head);
      if (mine === asked) tell(found?.help ?? null);
    }, QUIET);
  });
}
