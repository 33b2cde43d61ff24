import { type ReactNode, useId } from 'react';
import { definitionOf } from './glossary';
import { useBubble } from './useBubble';
import './term.css';

interface Props {
  /** A word of `glossary.ts`; the children, if any, are what is shown. */
  readonly word: string;
  readonly children?: ReactNode;
}

/** A word of the field whose definition is one hover or one focus away. Not for use inside another control. */
export function Term({ word, children }: Props) {
  const id = useId();
  const { open, anchorProps, bubbleProps } = useBubble<HTMLButtonElement>();
  const definition = definitionOf(word);
  if (!definition) return <>{children ?? word}</>;
  return (
    <>
      <button type="button" className="term" aria-describedby={id} {...anchorProps}>
        {children ?? word}
      </button>
      {open ? (
        <span className="bubble" id={id} role="tooltip" {...bubbleProps}>
          <strong>{definition.word}</strong>
          {definition.long && <em> · {definition.long}</em>}
          <span className="bubble-text">{definition.means}</span>
        </span>
      ) : (
        <span hidden id={id}>
          {definition.means}
        </span>
      )}
    </>
  );
}
