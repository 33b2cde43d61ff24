import { useState } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { ChipView, GuestSummary } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useEngine, useStatus, useView } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { ActionButton } from '../shared/ActionButton';
import { Answered } from '../shared/Answered';
import { LineDetail } from './LineDetail';
import { LineTable } from './LineTable';
import { type MarkedLine, markedLines } from './lines';
import { TlbTable } from './TlbTable';
import './cache.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** What the chip holds in the clear: cached lines with their tags, and translations with their ASIDs. */
export default function CacheTab() {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const answer = useEngineQuery('chip', (api) => api.chip());
  return (
    <Answered answer={answer} what="what its caches hold">
      {(chip) => <Caches chip={chip} guests={guests} />}
    </Answered>
  );
}

/** Does the script’s step want the translations in front? */
const useTlbFirst = (): boolean =>
  useEngine(({ script, status }) => {
    const view = script?.steps[(status?.scenario?.step ?? 0) - 1]?.view;
    return view?.tab === 'cache' && view.eye === 'tlb';
  });

function Caches({ chip, guests }: { readonly chip: ChipView; readonly guests: readonly GuestSummary[] }) {
  const page = useView((view) => view.page);
  const tlbFirst = useTlbFirst();
  const [onlyPage, setOnlyPage] = useState(false);
  const [selected, setSelected] = useState<string | null>(null);
  const lines = markedLines(chip.caches, onlyPage ? page : null);
  const chosen =
    lines.find(({ id }) => id === selected) ??
    lines.find(({ otherViews }) => otherViews.length > 0) ??
    lines[0];
  const complexes = [...new Set(chip.cores.map(({ complex }) => complex))];
  return (
    <div className="caches">
      <div className="stage-bar">
        {complexes.map((complex) => {
          const core = chip.cores.find((one) => one.complex === complex)?.id ?? 0;
          return (
            <span key={complex} className="cache-tools">
              Cache {complex}: <Counted lines={lines} complex={complex} />
              <ActionButton
                type="cpu.wbinvd"
                args={{ core }}
                label={`WBINVD on core ${core}, cache ${complex}`}
              >
                WBINVD
              </ActionButton>
              <ActionButton type="cpu.invd" args={{ core }} label={`INVD on core ${core}, cache ${complex}`}>
                INVD
              </ActionButton>
            </span>
          );
        })}
        <label className="check push">
          <input
            type="checkbox"
            checked={onlyPage && page !== null}
            disabled={page === null}
            onChange={(event) => setOnlyPage(event.target.checked)}
          />
          {page === null ? 'only the selected page (none)' : `only page ${hex(page * PAGE_SIZE)}`}
        </label>
      </div>
      {tlbFirst && <Translations chip={chip} guests={guests} />}
      <div className="cache-columns">
        {lines.length === 0 ? (
          <Empty title={onlyPage ? 'No line of this page is cached' : 'The caches are empty'}>
            <p>Lines appear as soon as somebody reads or writes through a core.</p>
          </Empty>
        ) : (
          <LineTable lines={lines} guests={guests} selected={chosen?.id ?? null} onSelect={setSelected} />
        )}
        {chosen && <LineDetail key={chosen.id} marked={chosen} guests={guests} coherent={chip.coherent} />}
      </div>
      {!tlbFirst && <Translations chip={chip} guests={guests} />}
    </div>
  );
}

function Translations({
  chip,
  guests,
}: {
  readonly chip: ChipView;
  readonly guests: readonly GuestSummary[];
}) {
  return (
    <Panel
      title="TLB: translations that the cores hold"
      aside={
        <span className="stage-bar">
          {chip.cores.map(({ id }) => (
            <ActionButton
              key={id}
              type="cpu.tlb-flush"
              args={{ core: id }}
              label={`Flush the TLB of core ${id}`}
            >
              Flush core {id}
            </ActionButton>
          ))}
        </span>
      }
    >
      {chip.tlbs.length === 0 ? (
        <p className="faint">Every TLB is empty: the next access of each core walks the tables.</p>
      ) : (
        <div className="tlb-box">
          <TlbTable entries={chip.tlbs} guests={guests} />
        </div>
      )}
    </Panel>
  );
}

function Counted({ lines, complex }: { readonly lines: readonly MarkedLine[]; readonly complex: number }) {
  const mine = lines.filter(({ line }) => line.complex === complex);
  const dirty = mine.filter(({ line }) => line.dirty).length;
  return (
    <span className="faint">
      {mine.length} lines, {dirty} dirty
    </span>
  );
}
