import { move } from '../../../store/session';
import type { StackCall, StackView } from '../../../worker/protocol';
import { useEngine } from '../../kit/stores';
import { commandById, possible } from '../../palette/commands';
import { moveTo } from './calls';

interface Props {
  readonly view: StackView;
  readonly lit: StackCall | null;
}

/** Which action, and the steps of a debugger through its calls. */
export function StackBar({ view, lit }: Props) {
  const actions = useEngine((state) => state.actions);
  const [first] = view.calls;
  return (
    <div className="stage-bar">
      <label className="stack-action">
        <span className="visually-hidden">Action</span>
        <select
          className="input"
          value={view.action}
          onChange={({ target }) => move({ to: 'action', action: Number(target.value), edge: 'end' })}
        >
          <option value={-1}>Power on</option>
          {actions.map(({ index, title, fault }) => (
            <option key={index} value={index}>
              {index + 1}: {title}
              {fault ? ` (${fault})` : ''}
            </option>
          ))}
        </select>
      </label>
      <div className="stack-steps">
        <button
          type="button"
          className={`button button-small ${lit ? '' : 'button-primary'}`}
          disabled={!first}
          onClick={() => first && move(moveTo(view, first))}
        >
          First call
        </button>
        <Step id="into">into</Step>
        <Step id="over">over</Step>
        <Step id="out">out</Step>
      </div>
    </div>
  );
}

/** One of the transport's own commands. */
function Step({ id, children }: { readonly id: string; readonly children: string }) {
  const command = commandById(id);
  const enabled = useEngine((state) => possible(command, state));
  const { icon: Icon, title, keys } = command;
  return (
    <button
      type="button"
      className="button button-small"
      title={keys?.[0] ? `${title} (${keys[0]})` : title}
      aria-disabled={!enabled}
      onClick={() => enabled && command.perform()}
    >
      <Icon aria-hidden />
      {children}
    </button>
  );
}
