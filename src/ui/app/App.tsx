import { type ComponentProps, type CSSProperties, Suspense } from 'react';
import { setView } from '../../store/view';
import { Header } from '../header/Header';
import { Boundary } from '../kit/Boundary';
import { later } from '../kit/later';
import { useView } from '../kit/stores';
import { Waiting } from '../kit/Waiting';
import { ConnectionBanner } from './ConnectionBanner';
import { Overlays } from './Overlays';
import { Room } from './Room';
import { Stage } from './Stage';
import { useHotkeys } from './useHotkeys';
import { useThemeChoice } from './useThemeChoice';
import './app.css';

const ScriptColumn = later(() => import('../script/ScriptColumn'));
const Inspector = later(() => import('../inspector/Inspector'));
const Timeline = later(() => import('../timeline/Timeline'));
const Toasts = later(() => import('./Toasts'));
const DropZone = later(() => import('../files/DropZone'));
const Splitter = later(() => import('./Splitter'));
const Console = later(() => import('../console/Console'));

/** The frame: header above, the machine or a room below it, and the console. */
export function App() {
  useThemeChoice();
  useHotkeys();
  const { scriptWidth, editorWidth, inspectorWidth, timelineHeight, consoleHeight } = useView((view) => view);
  const editing = useView((view) => view.editing);
  const consoleOpen = useView((view) => view.consoleOpen);
  const presenting = useView((view) => view.presenting);
  const room = useView((view) => view.room);
  const sizes = {
    '--script-width': `${editing ? editorWidth : scriptWidth}px`,
    '--inspector-width': `${inspectorWidth}px`,
    '--timeline-height': `${timelineHeight}px`,
    '--console-height': consoleOpen ? `${consoleHeight}px` : '0px',
  } as CSSProperties;
  return (
    <div className={`app ${presenting ? 'app-presenting' : ''}`} style={sizes}>
      <button type="button" className="skip-link" onClick={() => document.getElementById('stage')?.focus()}>
        Skip to the stage
      </button>
      <Header />
      <ConnectionBanner />
      {room === null ? <Machine /> : <Room path={room} />}
      {consoleOpen && (
        <Suspense fallback={null}>
          <Console />
        </Suspense>
      )}
      <Overlays />
      <Boundary what="What was said">
        <Suspense fallback={null}>
          <Toasts />
          <DropZone />
        </Suspense>
      </Boundary>
      <Blank />
    </div>
  );
}

/** Script, stage and inspector, and the timeline below them. */
function Machine() {
  const editing = useView((view) => view.editing);
  return (
    <>
      <div className="app-columns">
        <aside className="app-script" aria-label="Script and actions">
          <Boundary what="The script">
            <Suspense fallback={<Waiting what="Reading the library" />}>
              <ScriptColumn />
            </Suspense>
          </Boundary>
          <Border
            size={editing ? 'editorWidth' : 'scriptWidth'}
            label={editing ? 'Width of the editor' : 'Width of the script'}
            edge="right"
          />
        </aside>
        <main className="app-stage" id="stage" tabIndex={-1}>
          <Stage />
        </main>
        <aside className="app-inspector" aria-label="Inspector">
          <Border size="inspectorWidth" label="Width of the inspector" edge="left" />
          <div className="app-inspector-body scrolls">
            <Boundary what="The inspector">
              <Suspense fallback={<Waiting what="Loading the inspector" />}>
                <Inspector />
              </Suspense>
            </Boundary>
          </div>
        </aside>
      </div>
      <section className="app-timeline" aria-label="Timeline">
        <Border size="timelineHeight" label="Height of the timeline" edge="top" />
        <Boundary what="The timeline">
          <Suspense fallback={<Waiting what="Loading the timeline" />}>
            <Timeline />
          </Suspense>
        </Boundary>
      </section>
    </>
  );
}

/** The border of a panel. It can wait, and is not worth the panel when it does not come. */
function Border(props: ComponentProps<typeof Splitter>) {
  return (
    <Boundary what="This border">
      <Suspense fallback={null}>
        <Splitter {...props} />
      </Suspense>
    </Boundary>
  );
}

/** A dark screen between two thoughts; any key or click brings the picture back. */
function Blank() {
  const blanked = useView((view) => view.blanked);
  if (!blanked) return null;
  return (
    <button type="button" className="blank" onClick={() => setView({ blanked: false })}>
      <span className="visually-hidden">The screen is blanked. Press any key to go on.</span>
    </button>
  );
}
