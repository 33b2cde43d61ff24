import { beforeEach, describe, expect, it } from 'vitest';
import { clearConsole, consoleStore, enter, FRESH, recall } from './console';

const echo = { console: async (line: string) => ({ lines: [`said ${line}`], tone: 'plain' as const }) };

beforeEach(() => consoleStore.setState({ lines: [], history: [] }));

describe('the console', () => {
  it('prints what was typed and what came back', async () => {
    await enter('  peek dram 0x0 ', echo);
    expect(consoleStore.getState().lines.map(({ kind, text }) => [kind, text])).toEqual([
      ['typed', 'peek dram 0x0'],
      ['plain', 'said peek dram 0x0'],
    ]);
  });

  it('prints what a program printed before the answer, and marks what the simulator says beside it', async () => {
    const xl = {
      console: async () => ({
        printed: [
          { text: 'alice.cfg:3: warning', aside: false },
          { text: 'nobody reads this key', aside: true },
        ],
        lines: ['EINVAL'],
        tone: 'fault' as const,
      }),
    };
    await enter('xl create alice.cfg', xl);
    expect(consoleStore.getState().lines.map(({ kind }) => kind)).toEqual([
      'typed',
      'plain',
      'aside',
      'fault',
    ]);
  });

  it('keeps at most 500 lines', async () => {
    const long = {
      console: async () => ({ lines: Array.from({ length: 700 }, String), tone: 'plain' as const }),
    };
    await enter('help', long);
    expect(consoleStore.getState().lines).toHaveLength(500);
    clearConsole();
    expect(consoleStore.getState().lines).toEqual([]);
  });

  it('says so when there is no answer', async () => {
    await enter('boom', { console: () => Promise.reject(new Error('the worker died')) });
    expect(consoleStore.getState().lines.at(-1)).toMatchObject({
      kind: 'fault',
      text: 'No answer: the worker died',
    });
  });

  it('remembers a line once, where it was last typed', async () => {
    for (const line of ['a', 'b', 'a']) await enter(line, echo);
    expect(consoleStore.getState().history).toEqual(['b', 'a']);
  });

  it('walks back through the lines and returns to the one being written', () => {
    const history = ['first', 'second'];
    const up = recall(history, FRESH, 'draft', 1);
    expect(up.text).toBe('second');
    const upper = recall(history, up.state, up.text, 1);
    expect(upper.text).toBe('first');
    expect(recall(history, upper.state, upper.text, 1).text).toBe('first');
    const down = recall(history, upper.state, upper.text, -1);
    expect(down.text).toBe('second');
    expect(recall(history, down.state, down.text, -1).text).toBe('draft');
  });
});
