import { useState } from 'react';
import type { Technology } from '../../engine/core/config';
import { DESCRIBED, type DescribedAttack } from '../../scenario/attacks/described';
import { openPlace } from '../../store/session';
import { openRoom } from '../../store/view';
import type { AttackCard, ScenarioCard } from '../../worker/protocol';
import { PROPERTY_WORDS } from '../attacks/words';
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
/** The room of attacks, and the same at one that is told. */
const MATRIX = 'attacks';
const TOLD = 'attacks/';

const partOf = ({ rows }: ScenarioCard): string =>
  PARTS.find(({ row }) => row.test(rows[0] ?? ''))?.title ?? OTHERS;

const technologyTitle = (technology: string): string =>
  TECHNOLOGY_NAMES[technology as Technology]?.title ?? technology;

/** The library, in the order of the talk; the attacks of the literature; and free play on a fresh machine. */
export default function ScenarioLibrary({ onClose }: { readonly onClose: () => void }) {
  const scenarios = useEngine((state) => state.scenarios);
  const attacks = useEngine((state) => state.attacks);
  const [query, setQuery] = useState('');
  const found = search(
    scenarios,
    query,
    (card) =>
      `${card.title} ${card.rows.join(' ')} ${card.technology} ${wordsOfBroken(card)} ${card.summary}`,
  );
  const groups: FoundGroup[] = [...PARTS.map(({ title }) => title), OTHERS].map((title) => ({
    title,
    items: found
      .filter((card) => partOf(card) === title)
      .map((card) => ({ id: card.id, text: card.title, content: <Card card={card} /> })),
  }));
  groups.push({
    title: 'Attacks',
    items: [
      ...(query === '' ? [{ id: MATRIX, text: 'All on every technology', content: MATRIX_CARD }] : []),
      ...search(attacks, query, wordsOf).map((card) => ({
        id: card.id,
        text: card.title,
        content: <AttackItem card={card} />,
      })),
    ],
  });
  if (query === '')
    groups.push({
      title: 'Without a script',
      items: [{ id: FREE_PLAY, text: 'Free play', content: FREE_CARD }],
    });
  groups.push({
    title: 'Attacks that are told, not run',
    items: search(DESCRIBED, query, toldWordsOf).map((told) => ({
      id: TOLD + told.id,
      text: told.name,
      content: <ToldItem told={told} />,
    })),
  });
  return (
    <Dialog title="Scenarios" place="top" wide onClose={onClose}>
      <SearchList
        label="Search by title, subject, row of the talk, year or CVE"
        query={query}
        onQuery={setQuery}
        groups={groups}
        nothing="No scenario is about that."
        onChoose={(id) => {
          onClose();
          if (id === MATRIX || id.startsWith(TOLD)) return openRoom(id);
          void openPlace(
            id === FREE_PLAY ? { kind: 'machine', config: {} } : { kind: 'scenario', id, step: 0 },
          );
        }}
      />
    </Dialog>
  );
}

const wordsOfBroken = ({ breaks = [] }: ScenarioCard): string =>
  breaks.map((name) => PROPERTY_WORDS[name]).join(', ');

const wordsOf = ({ title, year, summary, cve, id, violates, technology }: AttackCard): string =>
  `${title} attack ${id} ${year} ${cve.join(' ')} ${violates.join(' ')} ${technology} ${summary}`;

const toldWordsOf = ({ name, id, year, cve, bulletins, says }: DescribedAttack): string =>
  `${name} attack ${id} ${year} ${cve.join(' ')} ${bulletins.join(' ')} ${says}`;

function AttackItem({ card }: { readonly card: AttackCard }) {
  const { title, summary, year, tier, steps, technology } = card;
  return (
    <span className="scenario-card">
      <strong>{title}</strong>
      <span className="scenario-rows">
        {year} · tier {tier} · {technologyTitle(technology)} · {steps} steps
      </span>
      <span>{summary}</span>
    </span>
  );
}

function ToldItem({ told: { name, year, says } }: { readonly told: DescribedAttack }) {
  return (
    <span className="scenario-card">
      <strong>{name}</strong>
      <span className="scenario-rows">{year}</span>
      <span>{says}</span>
    </span>
  );
}

const MATRIX_CARD = (
  <span className="scenario-card">
    <strong>All on every technology</strong>
    <span>Each attack played on SME, SEV, SEV-ES and SEV-SNP: what works, and which check stops it.</span>
  </span>
);

const FREE_CARD = (
  <span className="scenario-card">
    <strong>Free play</strong>
    <span>A fresh machine; every actor does what you say.</span>
  </span>
);

function Card({ card }: { readonly card: ScenarioCard }) {
  const { title, summary, rows, steps, technology, breaks = [] } = card;
  return (
    <span className="scenario-card">
      <strong>{title}</strong>
      <span className="scenario-rows">
        {technologyTitle(technology)} · {steps} steps · {rows.join(' ')}
        {breaks.length > 0 && <span className="scenario-breaks"> · breaks {wordsOfBroken(card)}</span>}
      </span>
      <span>{summary}</span>
    </span>
  );
}
