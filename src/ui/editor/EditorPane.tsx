import type { EditorView } from '@codemirror/view';
import { type RefObject, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { edited, editorStore, type OpenFile } from '../../store/editor';
import type { Assistance, Finding } from '../../worker/protocol';
import { useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { CodePane } from './CodePane';
import { EditorTools } from './EditorTools';
import { offsetOf } from './marks';
import { RunReport } from './RunReport';

const NOTHING: readonly Finding[] = [];

/** A scenario’s text, what is wrong with it, and how its run fares. */
export function EditorPane({ file }: { readonly file: OpenFile }) {
  const view = useRef<EditorView | null>(null);
  const [help, setHelp] = useState<Assistance['help']>(null);
  const refused = useStore(editorStore, (state) => state.refused);
  const current = useStore(editorStore, ({ text, ranText }) => text === ranText);
  const done = useStatus(({ scenario }) => scenario?.step ?? 0) ?? 0;
  const script = useEngineQuery('script findings', (api) => api.scriptFindings()).value;
  const findings = useMemo(
    () => (current ? (script?.findings ?? NOTHING) : refused ? [refused] : NOTHING),
    [current, script, refused],
  );
  return (
    <section className="editor" aria-label="Scenario editor">
      <EditorTools file={file} view={view} />
      <CodePane
        label={`Text of ${file.name}`}
        view={view}
        onChange={edited}
        onHelp={setHelp}
        findings={findings}
        step={(current && script?.steps[done - 1]) || null}
        number={done}
      />
      <p className="editor-help">
        {help ? (
          <>
            <b>{help.title}</b> {help.says}
          </>
        ) : (
          <>
            <kbd>Ctrl</kbd> <kbd>Space</kbd> suggests, <kbd>F8</kbd> goes to the next mistake, <kbd>Ctrl</kbd>{' '}
            <kbd>]</kbd> indents, <kbd>Tab</kbd> leaves the text.
          </>
        )}
      </p>
      <RunReport findings={findings} unknown={script === null} onPlace={(finding) => goTo(view, finding)} />
    </section>
  );
}

function goTo({ current: view }: RefObject<EditorView | null>, finding: Finding): void {
  if (!view) return;
  view.dispatch({ selection: { anchor: offsetOf(view.state.doc, finding) }, scrollIntoView: true });
  view.focus();
}
