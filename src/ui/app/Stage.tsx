import { type ComponentType, useEffect, useRef, useState } from 'react';
import { pictureDrawn } from '../../store/firstPicture';
import { openTab } from '../../store/view';
import { Boundary } from '../kit/Boundary';
import { atLeisure } from '../kit/later';
import { useEngine, useView } from '../kit/stores';
import { Empty, Waiting } from '../kit/Waiting';
import { type StageTab, stageTabs } from '../stage/tabs';
import './stage.css';

/** Views that have arrived, by tab. Not `lazy`: what React has shown as loading it holds back for 300 ms more. */
const arrived = new Map<string, ComponentType>();

async function fetchView({ id, load }: StageTab): Promise<void> {
  arrived.set(id, (await load()).default);
}

for (const tab of stageTabs) atLeisure(() => fetchView(tab));

/** The view of a tab, when it is here and there is a machine for it to show. */
function TabView({ tab, ready }: { readonly tab: StageTab; readonly ready: boolean }) {
  const [tried, setTried] = useState<{ readonly error: unknown } | null>(null);
  useEffect(() => {
    let gone = false;
    const done = (error: unknown) => {
      if (!gone) setTried({ error });
    };
    if (!arrived.has(tab.id)) fetchView(tab).then(() => done(null), done);
    return () => {
      gone = true;
    };
  }, [tab]);
  if (tried?.error) throw tried.error;
  const View = arrived.get(tab.id);
  if (!ready) return <Waiting what="Powering on the machine" />;
  if (!View) return <Waiting what={`Loading ${tab.title}`} />;
  return (
    <>
      <View />
      <Drawn />
    </>
  );
}

/** Says that something of the machine is on the screen. */
function Drawn() {
  useEffect(pictureDrawn, []);
  return null;
}

/** The tabs in the middle. The view that is wanted at first is loaded at once, the others at leisure. */
export function Stage() {
  const wanted = useView((view) => view.tab);
  const ready = useEngine(({ status }) => status !== null);
  const down = useEngine(({ connection }) => connection.state === 'down');
  const list = useRef<HTMLDivElement>(null);
  const current = stageTabs.find(({ id }) => id === wanted) ?? stageTabs[0];
  const shown = current?.id;
  useEffect(() => {
    // There are more tabs than a small window has room for. Not `scrollIntoView`: that would move the page as well.
    const tab = list.current?.querySelector<HTMLElement>(`#tab-${shown}`);
    const strip = list.current;
    if (!tab || !strip) return;
    const { offsetLeft: left, offsetWidth: width } = tab;
    const start = left - strip.offsetLeft;
    if (start < strip.scrollLeft) strip.scrollLeft = start - width;
    else if (start + width > strip.scrollLeft + strip.clientWidth)
      strip.scrollLeft = start + 2 * width - strip.clientWidth;
  }, [shown]);
  if (!current) return null;

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
        {stageTabs.map(({ id, title, short, icon: Icon }) => (
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
            <span data-short={short ?? title}>{title}</span>
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
        {down && !ready ? (
          <Empty title="The machine does not stand" />
        ) : (
          <Boundary key={current.id} what={current.title}>
            <TabView tab={current} ready={ready} />
          </Boundary>
        )}
      </div>
    </>
  );
}
