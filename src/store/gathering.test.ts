import { describe, expect, it } from 'vitest';
import { Gathering } from './gathering';

/** A gathering over two sources, whose turns come when the test says so. */
function setUp() {
  const frames: (() => void)[] = [];
  const tasks: (() => void)[] = [];
  const gathering = new Gathering({
    frame: (work) => frames.push(work),
    task: (work) => tasks.push(work),
  });
  const told: string[] = [];
  const source = (name: string) => {
    let change = (): void => {};
    const leave = gathering.of((listener) => {
      change = listener;
      return () => {};
    })(() => told.push(name));
    return { change: () => change(), leave };
  };
  const run = (turns: (() => void)[]): void => {
    for (const work of turns.splice(0)) work();
  };
  return { gathering, told, source, frame: () => run(frames), task: () => run(tasks) };
}

describe('Gathering', () => {
  it('tells of several changes once, when the last question is answered', () => {
    const { gathering, told, source, task, frame } = setUp();
    const [status, page] = [source('status'), source('page')];
    gathering.asked(2);
    status.change();
    gathering.asked(1);
    status.change();
    page.change();
    task();
    expect(told).toEqual([]);
    gathering.asked(0);
    expect(told).toEqual([]);
    task();
    expect(told).toEqual(['status', 'page']);
    frame();
    expect(told).toHaveLength(2);
  });

  it('waits on when something else was asked meanwhile, but not beyond the next frame', () => {
    const { gathering, told, source, task, frame } = setUp();
    const status = source('status');
    status.change();
    gathering.asked(1);
    task();
    expect(told).toEqual([]);
    frame();
    expect(told).toEqual(['status']);
  });

  it('does not tell those who have left', () => {
    const { told, source, task } = setUp();
    const [status, page] = [source('status'), source('page')];
    status.change();
    page.change();
    page.leave();
    task();
    expect(told).toEqual(['status']);
  });
});
