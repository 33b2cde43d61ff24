import { Swords } from 'lucide-react';
import { useState } from 'react';
import { engineStore } from '../../store/engine';
import { openPlace } from '../../store/session';
import { goToStep } from '../../store/transport';
import { openRoom, openTab } from '../../store/view';
import { isMac, spell } from '../app/hotkeys';
import { Dialog } from '../kit/Dialog';
import { OwnerMark } from '../kit/OwnerMark';
import { stageTabs } from '../stage/tabs';
import { COMMANDS, possible } from './commands';
import { type FoundGroup, SearchList } from './SearchList';
import { search } from './search';

/** Anything that can be done or opened, by name. */
interface Entry {
  readonly id: string;
  readonly group: string;
  readonly text: string;
  readonly icon: React.ReactNode;
  readonly hint: string;
  readonly disabled: boolean;
  readonly perform: () => void;
}

/** Out of a room, where the machine is not in sight. */
const atTheMachine = (perform: () => void) => (): void => {
  openRoom(null);
  perform();
};

function entries(): readonly Entry[] {
  const state = engineStore.getState();
  const mac = isMac();
  const commands = COMMANDS.filter(({ id }) => id !== 'palette').map((command) => ({
    id: command.id,
    group: command.group,
    text: command.title,
    icon: <command.icon aria-hidden />,
    hint: command.keys?.[0] ? spell(command.keys[0], mac) : '',
    disabled: !possible(command, state),
    perform: command.perform,
  }));
  const tabs = stageTabs.map(({ id, title, icon: Icon }) => ({
    id: `tab-${id}`,
    group: 'Views',
    text: title,
    icon: <Icon aria-hidden />,
    hint: '',
    disabled: false,
    perform: atTheMachine(() => openTab(id)),
  }));
  const scenarios = state.scenarios.map(({ id, title, rows }) => ({
    id: `scenario-${id}`,
    group: 'Scenarios',
    text: title,
    icon: null,
    hint: rows.join(' '),
    disabled: false,
    perform: () => void openPlace({ kind: 'scenario', id, step: 0 }),
  }));
  const attacks = state.attacks.map(({ id, title, year }) => ({
    id: `attack-${id}`,
    group: 'Attacks',
    text: title,
    icon: <Swords aria-hidden />,
    hint: String(year),
    disabled: false,
    perform: () => void openPlace({ kind: 'scenario', id, step: 0 }),
  }));
  const steps = (state.status?.scenario ? (state.script?.steps ?? []) : []).map(({ title, who }, index) => ({
    id: `step-${index + 1}`,
    group: 'Steps of this scenario',
    text: `${index + 1}. ${title}`,
    icon: <OwnerMark owner={who} />,
    hint: '',
    disabled: false,
    perform: atTheMachine(() => void goToStep(index + 1)),
  }));
  return [...commands, ...tabs, ...steps, ...scenarios, ...attacks];
}

export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const [query, setQuery] = useState('');
  const [all] = useState(entries);
  const found = search(all, query, ({ text, group, hint }) => `${text} ${group} ${hint}`);
  const groups: FoundGroup[] = [...new Set(found.map(({ group }) => group))].map((title) => ({
    title,
    items: found
      .filter(({ group }) => group === title)
      .map(({ id, text, icon, hint, disabled }) => ({
        id,
        text,
        disabled,
        content: (
          <>
            <span className="search-icon">{icon}</span>
            <span className="search-text">{text}</span>
            {hint && <kbd>{hint}</kbd>}
          </>
        ),
      })),
  }));
  return (
    <Dialog title="Search for anything" place="top" onClose={onClose}>
      <SearchList
        label="Commands, views, steps, scenarios"
        query={query}
        onQuery={setQuery}
        groups={groups}
        nothing="Nothing is called that."
        onChoose={(id) => {
          onClose();
          all.find((entry) => entry.id === id)?.perform();
        }}
      />
    </Dialog>
  );
}
