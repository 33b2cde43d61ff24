import { move } from '../../../store/session';
import type { RmpMomentView } from '../../../worker/protocol';

/** Goes to the moment at which something happened. */
export const Jump = ({ moment: { change, by } }: { readonly moment: RmpMomentView }) => (
  <button
    type="button"
    className="button button-link"
    aria-label={`Go to change ${change}, ${by}`}
    onClick={() => void move({ to: 'change', change })}
  >
    go to change {change}
  </button>
);
