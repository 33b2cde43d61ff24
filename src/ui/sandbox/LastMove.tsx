import type { Json } from '../../engine/core/json';
import type { GameView } from '../../worker/protocol';
import { OwnerMark } from '../kit/OwnerMark';
import { useEngine, useStatus } from '../kit/stores';

/** What the move at the cursor came to. */
export function LastMove({ game: { before, moves } }: { readonly game: GameView }) {
  const at = useStatus((status) => status.action) ?? -1;
  const fault = useStatus((status) => status.outcome?.fault ?? null);
  const done = useEngine(({ actions }) => actions.find(({ index }) => index === at) ?? null);
  if (!done || moves === 0 || at <= before) return null;
  return (
    <div className="game-last" aria-live="polite">
      <p className="game-last-title">
        <OwnerMark owner={done.who} /> {done.title}
      </p>
      {fault ? (
        <p className="game-refused">
          <b>{fault.name}</b> {fault.message} <code>{fault.rule.id}</code>
        </p>
      ) : (
        <p className="field-help">{shown(done.result)}</p>
      )}
    </div>
  );
}

/** A result in a line: as text where it is bytes. */
function shown(result: Json): string {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return 'Done.';
  if ('text' in result && 'hex' in result) return `“${String(result.text)}” · ${String(result.hex)}`;
  const parts = Object.entries(result).map(([name, value]) => `${name} ${inWords(value)}`);
  return parts.length > 0 ? parts.join(', ') : 'Done.';
}

/** Large numbers are addresses. */
const inWords = (value: Json): string =>
  typeof value === 'number' && value >= 4096 ? `0x${value.toString(16)}` : String(value);
