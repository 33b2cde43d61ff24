import { X } from 'lucide-react';
import { hex, PAGE_SIZE } from '../../engine/core/address';
import { pageKey, pageShared, pageStructure, pageWriter } from '../../engine/core/page';
import { selectPage } from '../../store/view';
import type { GuestSummary, PageView } from '../../worker/protocol';
import { Panel } from '../kit/Panel';
import { useStatus } from '../kit/stores';
import { Term } from '../kit/Term';
import { useEngineQuery } from '../kit/useEngineQuery';
import { mapNames } from '../stage/memory/mapNames';
import { EntryDetail } from '../stage/rmp/EntryDetail';
import { Answered } from '../stage/shared/Answered';
import { OwnerName } from '../stage/shared/OwnerName';
import { Attempts } from './Attempts';
import { CachedLines, Mappings, Touches } from './PageLists';

const NO_GUESTS: readonly GuestSummary[] = [];

/** Everything known of one page: whose, for what, who maps it, what touched it, and who could read it now. */
export function PageInspector({ pfn }: { readonly pfn: number }) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const snp = useStatus((status) => status.config.technology) === 'sev-snp';
  const answer = useEngineQuery(`page/${pfn}`, (api) => api.page(pfn));
  return (
    <>
      <header className="inspector-head">
        <h2>
          Page <code>{hex(pfn * PAGE_SIZE)}</code>
        </h2>
        <button
          type="button"
          className="button button-quiet button-small"
          aria-label="Deselect the page"
          onClick={() => selectPage(null)}
        >
          <X aria-hidden="true" />
        </button>
      </header>
      <Answered answer={answer} what="what this page is">
        {(page) => <PageParts page={page} guests={guests} />}
      </Answered>
      {snp && <EntryDetail pfn={pfn} guests={guests} quiet />}
    </>
  );
}

function PageParts({ page, guests }: { readonly page: PageView; readonly guests: readonly GuestSummary[] }) {
  const { word } = page;
  const names = mapNames(guests);
  const state = [
    pageShared(word) ? 'shared (C = 0)' : '',
    pageStructure(word) ? 'a structure that the hardware reads' : '',
  ].filter(Boolean);
  return (
    <>
      <dl className="facts">
        <dt>Owner</dt>
        <dd>
          <OwnerName name={page.owner === 'secure processor' ? 'asp' : page.owner} guests={guests} />
        </dd>
        <dt>Use</dt>
        <dd>{page.use}</dd>
        {state.length > 0 && (
          <>
            <dt>State</dt>
            <dd>{state.join(', ')}</dd>
          </>
        )}
        <dt>
          <Term word="DRAM">In DRAM under</Term>
        </dt>
        <dd>{names.key(pageKey(word))}</dd>
        <dt>Last writer</dt>
        <dd>{pageKey(word) === 0 ? 'nobody' : names.owner(pageWriter(word))}</dd>
        <dt>Region</dt>
        <dd>{page.region}</dd>
      </dl>
      <Mappings page={page} guests={guests} />
      <Panel kind="section" title="If X accessed it now">
        <Attempts attempts={page.attempts} guests={guests} />
      </Panel>
      <CachedLines page={page} guests={guests} />
      <Touches page={page} />
    </>
  );
}
