import { KeyRound, Minus, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { perform } from '../../../store/session';
import type { GuestSummary, KeysView, KeyView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { Diagram } from '../shared/Diagram';
import { written } from '../shared/names';
import { hueStyle } from '../shared/OwnerName';
import { KeyDetail } from './KeyDetail';
import { NARROW_KEYS, WIDE_KEYS } from './layout';
import './keys.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** Presence in a shape and a word. */
const PRESENCE = {
  present: { icon: KeyRound, word: 'there' },
  absent: { icon: Minus, word: 'not there' },
  gone: { icon: Undo2, word: 'forgotten' },
} as const;

/** The keys of SEV as they hang together: who made each, who can read it, what it protects, and what of it may be seen. */
export default function KeysTab() {
  const [wanted, setWanted] = useState<number | null>(null);
  const answer = useEngineQuery(`keys/${wanted}`, (api) => api.keys(wanted));
  return (
    <Answered answer={answer} what="which keys there are">
      {(keys) => <Keys view={keys} onChoose={setWanted} />}
    </Answered>
  );
}

function Keys({ view, onChoose }: { readonly view: KeysView; readonly onChoose: (handle: number) => void }) {
  const [selected, setSelected] = useState('pdh');
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const { keys, links, exported, exportAction } = view;
  const chosen = keys.find(({ id }) => id === selected) ?? keys[0];
  return (
    <div className="keys">
      <div className="stage-bar">
        {view.guests.length > 0 ? (
          <label className="key-guest">
            Keys of the platform and of guest
            <select
              className="input"
              value={view.chosen ?? ''}
              onChange={(event) => onChoose(Number(event.target.value))}
            >
              {view.guests.map(({ handle, name }) => (
                <option key={handle} value={handle}>
                  {name ? written(name) : `handle ${handle}`}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span className="faint">
            No guest lives in the secure processor: only the platform’s own keys are there.
          </span>
        )}
        {exportAction && (
          <button
            type="button"
            className="button button-small push"
            onClick={() => void perform(exportAction)}
          >
            {exported ? 'Export the certificates again' : 'Export the certificates'}
          </button>
        )}
      </div>
      <div className="keys-columns">
        <Panel title="The key hierarchy" aside={<Legend />}>
          <Diagram
            label="The keys and what connects them"
            wide={WIDE_KEYS}
            narrow={NARROW_KEYS}
            tone={({ from, to }) =>
              from === chosen?.id || to === chosen?.id
                ? 'on'
                : presenceOf(keys, to) === 'present'
                  ? 'usual'
                  : 'off'
            }
            box={(id) => {
              const key = keys.find((each) => each.id === id);
              if (!key) return null;
              return (
                <KeyBox
                  item={key}
                  guests={guests}
                  selected={key.id === chosen?.id}
                  onSelect={() => setSelected(key.id)}
                />
              );
            }}
            onArrow={({ from, to }) => {
              const link = links.find((each) => each.from === from && each.to === to);
              return link && <span className="key-link">{link.how}</span>;
            }}
          />
          <p className="faint key-note">
            Secrets never appear here: the simulator keeps only their names, and works their bytes out inside
            the secure processor or the memory controller.
          </p>
        </Panel>
        {chosen && <KeyDetail item={chosen} exportAction={exportAction} exported={exported} />}
      </div>
    </div>
  );
}

const presenceOf = (keys: readonly KeyView[], id: string) => keys.find((each) => each.id === id)?.presence;

function KeyBox({
  item,
  guests,
  selected,
  onSelect,
}: {
  readonly item: KeyView;
  readonly guests: readonly GuestSummary[];
  readonly selected: boolean;
  readonly onSelect: () => void;
}) {
  const { icon: Icon, word } = PRESENCE[item.presence];
  return (
    <button
      type="button"
      className="key-box"
      data-kind={item.kind}
      data-presence={item.presence}
      aria-pressed={selected}
      aria-label={`${item.name}, ${item.long}: ${word}`}
      style={hueStyle(item.protectsGuest, guests)}
      onClick={onSelect}
    >
      <strong>
        <Icon size={12} aria-hidden="true" /> {item.name}
      </strong>
      <span className="key-maker">by {item.maker}</span>
      <span>{word}</span>
    </button>
  );
}

const Legend = () => (
  <ul className="key-legend" aria-hidden="true">
    {Object.values(PRESENCE).map(({ icon: Icon, word }) => (
      <li key={word}>
        <Icon size={12} /> {word}
      </li>
    ))}
  </ul>
);
