import { RotateCw } from 'lucide-react';
import { useEngine } from '../kit/stores';

/** While the worker is being restarted; what came of it is said by a notice. */
export function ConnectionBanner() {
  const connection = useEngine((state) => state.connection);
  if (connection.state !== 'restarting') return null;
  return (
    <p className="connection-banner" role="status">
      <RotateCw aria-hidden />
      The simulated machine failed ({connection.reason}). It is being started again and your session replayed.
    </p>
  );
}
