import type { EditorView } from '@codemirror/view';
import { type RefObject, useEffect, useRef } from 'react';
import { editorStore } from '../../store/editor';
import type { Assistance, Finding, StepPlace } from '../../worker/protocol';
import { showFindings, showStep } from './marks';
import { createView } from './view';

interface Props {
  readonly label: string;
  /** The editor, for whoever wants to put something into it. */
  readonly view: RefObject<EditorView | null>;
  readonly onChange: (text: string) => void;
  readonly onHelp: (help: Assistance['help']) => void;
  readonly findings: readonly Finding[];
  /** The step that was done last, null before the first or while its place is not known. */
  readonly step: StepPlace | null;
  /** Which step that is: a new one is brought into sight. */
  readonly number: number;
}

/** The text of a scenario with line numbers, completion, and what is wrong where. It begins with the text of the store. */
export function CodePane({ label, view, onChange, onHelp, findings, step, number }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef(0);
  const listeners = useRef({ onChange, onHelp });
  listeners.current = { onChange, onHelp };
  useEffect(() => {
    if (!host.current) return;
    const made = createView(host.current, label, editorStore.getState().text, {
      onChange: (text) => listeners.current.onChange(text),
      onHelp: (help) => listeners.current.onHelp(help),
    });
    view.current = made;
    made.focus();
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [label, view]);
  useEffect(() => {
    if (view.current) showFindings(view.current, findings);
  }, [findings, view]);
  useEffect(() => {
    if (!view.current) return;
    showStep(view.current, step, step !== null && number !== shown.current);
    if (step) shown.current = number;
  }, [step, number, view]);
  return <div className="editor-code" ref={host} />;
}
