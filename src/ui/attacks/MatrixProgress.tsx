import { CircleCheck, Pause, Play } from 'lucide-react';
import { useStore } from 'zustand';
import { computeMatrix, matrixStore, stopMatrix } from '../../store/attackMatrix';
import type { AttackCard } from '../../worker/protocol';

/** How far the matrix is computed, and the way to stop that. */
export function MatrixProgress({ cards }: { readonly cards: readonly AttackCard[] }) {
  const state = useStore(matrixStore, (matrix) => matrix.state);
  const done = useStore(matrixStore, (matrix) => matrix.done);
  const total = useStore(matrixStore, (matrix) => matrix.total);
  const reason = useStore(matrixStore, (matrix) => matrix.reason);
  return (
    <div className="matrix-progress">
      {state === 'running' && (
        <progress aria-label="Computing the matrix" max={Math.max(1, total)} value={done} />
      )}
      <span>
        {state === 'done' ? (
          <>
            <CircleCheck aria-hidden /> {done} runs played
          </>
        ) : state === 'failed' ? (
          `It stopped: ${reason}.`
        ) : (
          `${done} of ${total} played`
        )}
      </span>
      {state === 'running' && (
        <button type="button" className="button button-small" onClick={stopMatrix}>
          <Pause aria-hidden />
          Cancel
        </button>
      )}
      {(state === 'stopped' || state === 'failed') && (
        <button type="button" className="button button-small" onClick={() => computeMatrix(cards)}>
          <Play aria-hidden />
          Go on
        </button>
      )}
      <span className="visually-hidden" role="status">
        {state === 'done' ? 'The matrix is computed.' : state === 'stopped' ? 'Cancelled.' : ''}
      </span>
    </div>
  );
}
