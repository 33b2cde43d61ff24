import type { JsonObject } from '../../../engine/core/json';
import { perform } from '../../../store/session';
import { useEngine } from '../../kit/stores';

interface Props {
  /** The action's name in the vocabulary. */
  readonly type: string;
  readonly args: JsonObject;
  /** What to write on it; the action's own title where nothing is said. */
  readonly children?: React.ReactNode;
  readonly label?: string;
}

/** Lets an actor act. Not there at all where this machine knows no such action. */
export function ActionButton({ type, args, children, label }: Props) {
  const info = useEngine(({ vocabulary }) => vocabulary.find((action) => action.type === type));
  if (!info) return null;
  return (
    <button
      type="button"
      className="button button-small"
      title={info.help}
      aria-label={label}
      onClick={() => perform({ type, ...args })}
    >
      {children ?? info.title}
    </button>
  );
}
