import { X } from 'lucide-react';
import type { RefObject } from 'react';
import { openRoom } from '../../store/view';

interface Props {
  readonly heading: RefObject<HTMLHeadingElement | null>;
  readonly title: string | null;
}

/** What is compared, and the way back. */
export function CompareHead({ heading, title }: Props) {
  return (
    <header className="compare-head">
      <h2 ref={heading} tabIndex={-1}>
        {title ?? 'Compare'}
      </h2>
      <p>One script, several machines, in lockstep.</p>
      <button type="button" className="button button-small" onClick={() => openRoom('attacks')}>
        All attacks
      </button>
      <button type="button" className="button button-small" onClick={() => openRoom(null)}>
        <X aria-hidden />
        Back to the machine
      </button>
    </header>
  );
}
