import { GLOSSARY, TERMS } from './glossary';
import { Term } from './Term';

/** Running text in which the first mention of each word of the field carries its definition. */
export function Prose({ text }: { readonly text: string }) {
  const seen = new Set<string>();
  const parts = text.split(TERMS).map((part, index) => {
    if (index % 2 === 0) return part;
    const definition = GLOSSARY.find(({ word, also }) => word === part || also?.includes(part));
    if (!definition || seen.has(definition.word)) return part;
    seen.add(definition.word);
    return (
      <Term key={definition.word} word={definition.word}>
        {part}
      </Term>
    );
  });
  return <>{parts}</>;
}
