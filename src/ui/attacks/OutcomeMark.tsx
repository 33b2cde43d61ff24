import type { OutcomeWord } from '../../lab/attempt';
import { OUTCOMES } from './words';
import './outcome.css';

/** What an attack came to, as a glyph and a word. */
export function OutcomeMark({ outcome }: { readonly outcome: OutcomeWord }) {
  const { icon: Icon, word } = OUTCOMES[outcome];
  return (
    <span className="outcome" data-outcome={outcome}>
      <span className="outcome-word">
        <Icon aria-hidden /> {word}
      </span>
    </span>
  );
}
