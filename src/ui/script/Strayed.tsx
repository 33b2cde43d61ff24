import { Undo2 } from 'lucide-react';
import { returnToMain } from '../../store/session';
import { useStatus } from '../kit/stores';

/** After an action of one's own: where one is, and the way back. */
export function Strayed() {
  const strayed = useStatus(({ scenario }) => scenario?.strayed === true) ?? false;
  const forked = useStatus((status) => status.forked) ?? false;
  if (!strayed && !forked) return null;
  return (
    <p className="strayed" role="status">
      <span>{strayed ? 'You left the script.' : 'You are on a what-if branch.'}</span>
      <button type="button" className="button button-small" onClick={() => void returnToMain()}>
        <Undo2 aria-hidden />
        Return
      </button>
    </p>
  );
}
