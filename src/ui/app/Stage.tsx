import { type ComponentType, type LazyExoticComponent, lazy, Suspense, useEffect, useRef } from 'react';
import { openTab } from '../../store/view';
import { Boundary } from '../kit/Boundary';
import { useEngine, useView } from '../kit/stores';
import { Empty, Waiting } from '../kit/Waiting';
import { stageTabs } from '../stage/tabs';
import './stage.css';

const views = new Map<string, LazyExoticComponent<ComponentType>>(
  stageTabs.map(({ id, load }) => [id, lazy(load)]),
);

/** The tabs in the middle. Each view is loaded when it is first opened. */
export function Stage() {
  const wanted = useView((view) => view.tab);
  const ready = useEngine(({ status }) => status !== null);
  const down = useEngine(({ connection }) => connection.state === 'down');
  const list = useRef<HTMLDivElement>(null);
  const current = stageTabs.find(({ id }) => id === wanted) ?? stageTabs[0];
  // Fetched while the machine powers on, not after.
  useEffect(() => {
    void current?.load();
  }, [current]);
  if (!current) return null;
  const View = views.get(current.id);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = stageTabs.findIndex(({ id }) => id === current.id);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const next = to === undefined ? undefined : stageTabs.at(to % stageTabs.length);
    if (!next) return;
    event.preventDefault();
    openTab(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };

  return (
    <>
      <div
        className="stage-tabs"
        role="tablist"
        aria-label="Views of the machine"
        ref={list}
        onKeyDown={onKeyDown}
      >
        {stageTabs.map(({ id, title, icon: Icon }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === current.id}
            aria-controls="stage-view"
            tabIndex={id === current.id ? 0 : -1}
            onClick={() => openTab(id)}
          >
            <Icon aria-hidden />
            {title}
          </button>
        ))}
      </div>
      <div
        className="stage-view scrolls"
        id="stage-view"
        role="tabpanel"
        aria-labelledby={`tab-${current.id}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by keyboard
        tabIndex={0}
      >
        {ready && View ? (
          <Boundary key={current.id} what={current.title}>
            <Suspense fallback={<Waiting what={`Loading ${current.title}`} />}>
              <View />
            </Suspense>
          </Boundary>
        ) : down ? (
          <Empty title="The machine does not stand" />
        ) : (
          <Waiting what="Powering on the machine" />
        )}
      </div>
    </>
  );
}
