import { Lock, LockOpen } from 'lucide-react';
import { hex } from '../../engine/core/address';
import { move } from '../../store/session';
import { openTab } from '../../store/view';
import type { GuestSummary, PageView } from '../../worker/protocol';
import { Panel } from '../kit/Panel';
import { keySelector, keyWords } from '../stage/shared/names';
import { OwnerName } from '../stage/shared/OwnerName';

interface Props {
  readonly page: PageView;
  readonly guests: readonly GuestSummary[];
}

function CBit({ c, name }: { readonly c: boolean | null; readonly name: string }) {
  if (c === null) return <span className="faint">not mapped</span>;
  const Icon = c ? Lock : LockOpen;
  return (
    <span className="c-bit" data-set={c}>
      <Icon size={12} aria-hidden="true" /> {name} = {c ? 1 : 0}
    </span>
  );
}

/** Who reaches the page by which address, with the C-bits that decide on the key. */
export function Mappings({ page, guests }: Props) {
  return (
    <Panel kind="section" title="Mapped by">
      {page.mappings.length === 0 && <p className="faint">nobody</p>}
      <ul className="page-rows">
        {page.mappings.map(({ who, virtual, gpa, c, nestedC }) => (
          <li key={`${who}/${virtual}/${gpa}`}>
            <OwnerName name={who} guests={guests} />
            <span className="mono">
              {virtual !== null && `${gpa === null ? 'VA' : 'GVA'} ${hex(virtual)}`}
              {gpa !== null && ` → GPA ${hex(gpa)}`}
            </span>
            <CBit c={c} name="C" />
            {nestedC !== null && <CBit c={nestedC} name="nested C" />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Lines of the page that a cache holds. */
export function CachedLines({ page, guests }: Props) {
  const groups = new Map<string, { complex: number; key: string; clean: number; dirty: number }>();
  for (const { complex, key, dirty } of page.cachedLines) {
    const group = groups.get(`${complex}/${key}`) ?? { complex, key, clean: 0, dirty: 0 };
    group[dirty ? 'dirty' : 'clean']++;
    groups.set(`${complex}/${key}`, group);
  }
  if (groups.size === 0) return null;
  return (
    <Panel
      kind="section"
      title="In the caches"
      aside={
        <button type="button" className="button button-link" onClick={() => openTab('cache')}>
          all lines
        </button>
      }
    >
      <ul className="page-rows">
        {[...groups].map(([id, { complex, key, clean, dirty }]) => {
          const selector = keySelector(key);
          return (
            <li key={id}>
              Cache {complex}, {selector === null ? key : keyWords(selector, guests)}: {clean + dirty}{' '}
              {clean + dirty === 1 ? 'line' : 'lines'}
              {dirty > 0 && <strong>, {dirty} dirty</strong>}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** What last touched the page; each takes the machine to that moment. */
export function Touches({ page }: { readonly page: PageView }) {
  return (
    <Panel kind="section" title="Last touched by">
      {page.touches.length === 0 && <p className="faint">nothing since the power-on</p>}
      <ul className="page-rows">
        {page.touches.map(({ change, title }) => (
          <li key={change}>
            <button
              type="button"
              className="button button-link"
              onClick={() => move({ to: 'change', change: change + 1 })}
            >
              <span className="mono faint">{change.toLocaleString('en')}</span> {title}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
