import { X } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { clearConsole, consoleStore } from '../../store/console';
import { gathering } from '../../store/gathering';
import { setView } from '../../store/view';
import Splitter from '../app/Splitter';
import { ConsoleInput } from './ConsoleInput';
import './console.css';

/** An answer comes with the picture of what it did. */
const subscribe = gathering.of(consoleStore.subscribe);

/** The same vocabulary, typed. */
export default function Console() {
  const lines = useSyncExternalStore(subscribe, () => consoleStore.getState().lines);
  const log = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: to the end whenever a line is added
  useEffect(() => {
    void log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [lines]);
  const close = () => setView({ consoleOpen: false });
  return (
    <section className="console" aria-label="Console">
      <Splitter size="consoleHeight" label="Height of the console" edge="top" />
      <header className="console-head">
        <h2 className="overline">Console</h2>
        <button type="button" className="button button-small button-quiet" onClick={clearConsole}>
          Clear
        </button>
        <button
          type="button"
          className="button button-small button-quiet button-icon"
          aria-label="Close the console"
          onClick={close}
        >
          <X aria-hidden />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a log that scrolls must be reachable by keyboard */}
      <div className="console-log scrolls" role="log" aria-label="Console output" tabIndex={0} ref={log}>
        {lines.length === 0 && (
          <p className="console-hint">
            Type <code>help</code> for what can be said; Tab completes, ↑ recalls.
          </p>
        )}
        {lines.map(({ id, kind, text }) => (
          <p key={id} className={`console-line console-${kind}`}>
            {kind === 'aside' && <span className="console-who">SEVscope: </span>}
            {text || '\u00a0'}
          </p>
        ))}
      </div>
      <ConsoleInput onClose={close} />
    </section>
  );
}
