import { search } from '../palette/search';
import { DOCUMENTS, type Document, documentOf } from './documents';
import type { RuleEntry } from './types';

export type Standing = 'all' | RuleEntry['standing'];

/** A row of the list: a document's heading, or a rule under it. */
export type Row =
  | { readonly kind: 'document'; readonly document: Document; readonly count: number }
  | { readonly kind: 'rule'; readonly rule: RuleEntry };

const wordsOf = ({ id, says, source, status = '', files, commands }: RuleEntry): string =>
  [id, says, source, status, ...files, ...commands].join(' ');

/** The rules that answer a search, under the documents that they cite; a rule's own name finds exactly that rule. */
export function rowsOf(rules: readonly RuleEntry[], query: string, standing: Standing): Row[] {
  const named = rules.filter(({ id }) => id === query.trim());
  const fitting = (named.length > 0 ? named : search(rules, query, wordsOf)).filter(
    (rule) => standing === 'all' || rule.standing === standing,
  );
  return DOCUMENTS.flatMap((document): Row[] => {
    const own = fitting.filter((rule) => documentOf(rule) === document);
    if (own.length === 0) return [];
    return [
      { kind: 'document', document, count: own.length },
      ...own.map((rule): Row => ({ kind: 'rule', rule })),
    ];
  });
}
