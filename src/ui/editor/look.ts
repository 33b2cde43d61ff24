import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The editor’s own style sheet: it lives in a shadow tree, where only names of colours and sizes arrive from outside. */
const theme = EditorView.theme({
  '&': {
    height: '100%',
    color: 'var(--text)',
    backgroundColor: 'var(--surface-sunken)',
    fontSize: 'var(--type-sm)',
  },
  // The host shows that it has the focus.
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--mono)',
    fontFeatureSettings: '"liga" 0, "calt" 0',
    lineHeight: '1.5',
    scrollbarColor: 'var(--line-strong) transparent',
    scrollbarWidth: 'thin',
  },
  '.cm-content': { caretColor: 'var(--text)', padding: 'var(--space-2) 0' },
  '.cm-gutters': {
    border: 'none',
    backgroundColor: 'var(--surface-sunken)',
    color: 'var(--text-faint)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--surface-3)' },
  '.cm-step': { backgroundColor: 'var(--accent-soft)', boxShadow: 'inset 3px 0 0 var(--accent)' },
  '.cm-step.cm-activeLine': { backgroundColor: 'var(--accent-soft)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--line-strong)',
  },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-m)',
    backgroundColor: 'var(--surface-float)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow)',
    maxWidth: '24rem',
    overflow: 'hidden',
  },
  '.cm-tooltip .cm-help': { padding: 'var(--space-2) var(--space-3)', fontFamily: 'var(--sans)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '14rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem var(--space-2)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionDetail': {
    color: 'var(--text-faint)',
    fontFamily: 'var(--sans)',
    fontSize: 'var(--type-xs)',
    fontStyle: 'normal',
  },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: 'var(--weight-strong)' },
  '.cm-completionInfo': {
    maxWidth: '20rem',
    padding: 'var(--space-2) var(--space-3)',
    fontFamily: 'var(--sans)',
  },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', padding: 'var(--space-2) var(--space-3)' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--fault-ink)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--warn)' },
});

const YAML = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-text)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--firmware-ink)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--guest-1-ink)' },
  { tag: tags.comment, color: 'var(--text-muted)', fontStyle: 'italic' },
  { tag: [tags.labelName, tags.typeName], color: 'var(--device-ink)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-muted)' },
]);

export const look = [theme, syntaxHighlighting(YAML)];
