import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { consoleStore, enter, FRESH, recall } from '../../store/console';
import { engine } from '../../store/session';
import type { Completion } from '../../worker/protocol';

const NOTHING: Completion = { from: 0, options: [] };

/** The line being written: a combobox over the machine's own completions. */
export function ConsoleInput({ onClose }: { readonly onClose: () => void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const walk = useRef(FRESH);
  const [text, setText] = useState('');
  const [completion, setCompletion] = useState(NOTHING);
  const [chosen, setChosen] = useState(-1);
  const { options } = completion;
  useEffect(() => input.current?.focus(), []);

  const write = (next: string) => {
    setText(next);
    setChosen(-1);
  };
  const propose = async (line: string) => {
    const asked = await engine.complete(line, line.length).catch(() => NOTHING);
    if (input.current?.value === line) setCompletion(asked);
  };
  const take = (option: string) => {
    const next = `${text.slice(0, completion.from)}${option} `;
    write(next);
    void propose(next);
  };
  const walkBy = (by: 1 | -1) => {
    const { state, text: found } = recall(consoleStore.getState().history, walk.current, text, by);
    walk.current = state;
    write(found);
    setCompletion(NOTHING);
  };
  const submit = () => {
    void enter(text, engine);
    walk.current = FRESH;
    write('');
    setCompletion(NOTHING);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const option = options[Math.max(0, chosen)];
    if (event.key === 'Enter') chosen >= 0 && option ? take(option.text) : submit();
    else if (event.key === 'Tab' && !event.shiftKey && option && text !== '') take(option.text);
    else if (event.key === 'Escape') options.length > 0 ? setCompletion(NOTHING) : onClose();
    else if (event.key === 'ArrowUp')
      chosen > 0 ? setChosen(chosen - 1) : chosen === 0 ? setChosen(-1) : walkBy(1);
    else if (event.key === 'ArrowDown')
      walk.current.back > 0 ? walkBy(-1) : setChosen(Math.min(options.length - 1, chosen + 1));
    else if ((event.key === '`' || event.key === '~') && text === '') onClose();
    else return;
    event.preventDefault();
  };

  return (
    <div className="console-entry">
      {options.length > 0 && text !== '' && (
        <div className="console-options" id={`${id}-options`} role="listbox" aria-label="Completions">
          {options.slice(0, 8).map((option, index) => (
            <div
              key={option.text}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                take(option.text);
              }}
            >
              <code>{option.text}</code> <span>{option.help}</span>
            </div>
          ))}
        </div>
      )}
      <span aria-hidden className="console-prompt">
        ›
      </span>
      <input
        ref={input}
        className="console-input mono"
        type="text"
        role="combobox"
        aria-label="Console line"
        aria-expanded={options.length > 0 && text !== ''}
        aria-controls={`${id}-options`}
        aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={10000}
        value={text}
        onChange={(event) => {
          walk.current = FRESH;
          write(event.target.value);
          void propose(event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
