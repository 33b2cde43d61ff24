import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { Assistance } from '../../worker/protocol';
import { complete, followCursor, help } from './assist';
import { look } from './look';
import { currentStep } from './marks';

export interface Listeners {
  readonly onChange: (text: string) => void;
  readonly onHelp: (help: Assistance['help']) => void;
}

/**
 * An editor for a scenario in a shadow tree: there its style sheets are adopted, which the page’s policy allows, and are not
 * written into the page. Tab is not bound: it leaves the editor, as it leaves any field.
 */
export function createView(host: HTMLElement, label: string, text: string, on: Listeners): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  return new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        indentUnit.of('  '),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [complete], icons: false }),
        help,
        yaml(),
        look,
        currentStep,
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
        // Files are dropped onto the window, which says what will become of them.
        EditorView.domEventHandlers({ drop: ({ dataTransfer }) => (dataTransfer?.files.length ?? 0) > 0 }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) on.onChange(state.doc.toString());
        }),
        followCursor(on.onHelp),
      ],
    }),
  });
}

/** Another text in the place of all that stands there; undo brings it back. */
export function replaceText(view: EditorView, text: string): void {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, userEvent: 'input' });
}
