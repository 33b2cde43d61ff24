import { useState } from 'react';
import type { Technology } from '../../engine/core/config';
import { openPlace } from '../../store/session';
import type { ScenarioCard } from '../../worker/protocol';
import { Dialog } from '../kit/Dialog';
import { useEngine } from '../kit/stores';
import { type FoundGroup, SearchList } from '../palette/SearchList';
import { search } from '../palette/search';
import { TECHNOLOGY_NAMES } from './machine';
import './scenarios.css';

/** The parts of the talk, by the letters that its rows begin with. */
const PARTS: readonly { readonly title: string; readonly row: RegExp }[] = [
  { title: 'Secure Memory Encryption', row: /^SME-/ },
  { title: 'Secure Encrypted Virtualization', row: /^SEV-/ },
  { title: 'How the machine does it', row: /^ARCH-/ },
];
const OTHERS = 'More';
const FREE_PLAY = 'free-play';

const partOf = ({ rows }: ScenarioCard): string =>
  PARTS.find(({ row }) => row.test(rows[0] ?? ''))?.title ?? OTHERS;

const technologyTitle = (technology: string): string =>
  TECHNOLOGY_NAMES[technology as Technology]?.title ?? technology;

/** The library, in the order of the talk; and free play on a fresh machine. */
export default function ScenarioLibrary({ onClose }: { readonly onClose: () => void }) {
  const scenarios = useEngine((state) => state.scenarios);
  const [query, setQuery] = useState('');
  const found = search(
    scenarios,
    query,
    ({ title, summary, rows, technology }) => `${title} ${rows.join(' ')} ${technology} ${summary}`,
  );
  const groups: FoundGroup[] = [...PARTS.map(({ title }) => title), OTHERS].map((title) => ({
    title,
    items: found
      .filter((card) => partOf(card) === title)
      .map((card) => ({ id: card.id, text: card.title, content: <Card card={card} /> })),
  }));
  if (query === '')
    groups.push({
      title: 'Without a script',
      items: [{ id: FREE_PLAY, text: 'Free play', content: FREE_CARD }],
    });
  return (
    <Dialog title="Scenarios" place="top" wide onClose={onClose}>
      <SearchList
        label="Search by title, subject or row of the talk"
        query={query}
        onQuery={setQuery}
        groups={groups}
        nothing="No scenario is about that."
        onChoose={(id) => {
          onClose();
          void openPlace(
            id === FREE_PLAY ? { kind: 'machine', config: {} } : { kind: 'scenario', id, step: 0 },
          );
        }}
      />
    </Dialog>
  );
}

const FREE_CARD = (
  <span className="scenario-card">
    <strong>Free play</strong>
    <span>A fresh machine; every actor does what you say.</span>
  </span>
);

function Card({ card: { title, summary, rows, steps, technology } }: { readonly card: ScenarioCard }) {
  return (
    <span className="scenario-card">
      <strong>{title}</strong>
      <span className="scenario-rows">
        {technologyTitle(technology)} · {steps} steps · {rows.join(' ')}
      </span>
      <span>{summary}</span>
    </span>
  );
}
