import { useId, useState } from 'react';
import { perform } from '../../store/session';
import type { AliceMove } from '../../worker/protocol';
import { OwnerMark } from '../kit/OwnerMark';
import { Panel } from '../kit/Panel';

/** What Alice does of her own accord, when she is let go on. */
export function AliceMoves({ moves }: { readonly moves: readonly AliceMove[] }) {
  const title = (
    <>
      <OwnerMark owner="alice" /> Let Alice go on
    </>
  );
  return (
    <Panel kind="section" title={title}>
      <ul className="game-alice">
        {moves.map((each) => (
          <li key={each.id}>{each.mail ? <Mail move={each} /> : <Go move={each} />}</li>
        ))}
      </ul>
    </Panel>
  );
}

function Go({ move: { title, says, action } }: { readonly move: AliceMove }) {
  return (
    <button type="button" className="button button-small" title={says} onClick={() => void perform(action)}>
      {title}
    </button>
  );
}

/** What a visitor sends is whatever the person likes. */
function Mail({ move: { title, says, action } }: { readonly move: AliceMove }) {
  const id = useId();
  const [data, setData] = useState(String(action.data));
  return (
    <form
      className="game-mail"
      onSubmit={(event) => {
        event.preventDefault();
        void perform({ ...action, data });
      }}
    >
      <button type="submit" className="button button-small" title={says} disabled={data === ''}>
        {title}
      </button>
      <label className="visually-hidden" htmlFor={id}>
        What the visitor sends: text, or bytes as hex:…
      </label>
      <input
        id={id}
        className="input mono"
        value={data}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setData(target.value)}
      />
    </form>
  );
}
