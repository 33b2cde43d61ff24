import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { RangeSetBuilder, StateEffect, StateField, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { Finding, StepPlace } from '../../worker/protocol';

const SOURCES: Readonly<Record<Finding['kind'], string>> = {
  form: 'the form of the file',
  stuck: 'the run',
  failed: 'the run',
};

/** Where a place is in a document, which may be shorter than the one that the place was found in. */
export function offsetOf(doc: Text, { line, column }: Pick<Finding, 'line' | 'column'>): number {
  const { from, to } = doc.line(Math.max(1, Math.min(line, doc.lines)));
  return Math.min(from + Math.max(0, column - 1), to);
}

function diagnostic(doc: Text, finding: Finding): Diagnostic {
  const from = offsetOf(doc, finding);
  const { to, text } = doc.lineAt(from);
  return {
    from,
    to: Math.max(from, to - (text.length - text.trimEnd().length)),
    severity: finding.kind === 'failed' ? 'warning' : 'error',
    source: SOURCES[finding.kind],
    message: finding.message,
  };
}

/** Underlines what is wrong, in place of what was underlined before. */
export function showFindings(view: EditorView, findings: readonly Finding[]): void {
  const { doc } = view.state;
  view.dispatch(
    setDiagnostics(
      view.state,
      findings.map((finding) => diagnostic(doc, finding)),
    ),
  );
}

const markStep = StateEffect.define<StepPlace | null>();
const LINE = Decoration.line({ class: 'cm-step' });

/** The lines of the step that was done last. */
export const currentStep = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { changes, effects, state: { doc } }) {
    for (const effect of effects) if (effect.is(markStep)) return linesOf(doc, effect.value);
    return marks.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function linesOf(doc: Text, place: StepPlace | null): DecorationSet {
  const lines = new RangeSetBuilder<Decoration>();
  for (let line = place?.line ?? 1; place && line <= Math.min(place.end, doc.lines); line++) {
    const { from } = doc.line(line);
    lines.add(from, from, LINE);
  }
  return lines.finish();
}

/** Marks the step that was done last; another one than before is brought into sight. */
export function showStep(view: EditorView, place: StepPlace | null, moved: boolean): void {
  const effects: StateEffect<unknown>[] = [markStep.of(place)];
  if (place && moved)
    effects.push(EditorView.scrollIntoView(offsetOf(view.state.doc, place), { y: 'center' }));
  view.dispatch({ effects });
}
