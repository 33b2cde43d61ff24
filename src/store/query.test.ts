import { describe, expect, it } from 'vitest';
import { Query } from './query';

/** A question that is answered when the test says so. */
function question<T>() {
  let answer: (value: T) => void = () => {};
  let refuse: (reason: Error) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve;
    refuse = reject;
  });
  return {
    ask: () => promise,
    answer: (value: T) => answer(value),
    refuse: (reason: Error) => refuse(reason),
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('Query', () => {
  it('asks one question at a time, and of the waiting ones only the latest', async () => {
    const query = new Query<string>();
    const first = question<string>();
    const asked: number[] = [];
    query.want('k', 1, first.ask);
    for (const revision of [2, 3, 4]) {
      query.want('k', revision, async () => {
        asked.push(revision);
        return `answer ${revision}`;
      });
    }
    expect(asked).toEqual([]);
    first.answer('answer 1');
    await turn();
    expect(asked).toEqual([4]);
    expect(query.answer()).toEqual({ value: 'answer 4', key: 'k', revision: 4, failed: null });
  });

  it('keeps the last answer until the next one is there, and when it fails', async () => {
    const query = new Query<string>();
    query.want('a', 1, async () => 'old');
    await turn();
    const next = question<string>();
    query.want('b', 2, next.ask);
    expect(query.answer()).toMatchObject({ value: 'old', key: 'a', revision: 1 });
    next.refuse(new Error('gone'));
    await turn();
    expect(query.answer()).toEqual({ value: 'old', key: 'a', revision: 1, failed: 'gone' });
  });

  it('tells its listeners, and not those who left', async () => {
    const query = new Query<number>();
    let heard = 0;
    const leave = query.subscribe(() => heard++);
    query.want('k', 1, async () => 1);
    await turn();
    leave();
    query.want('k', 2, async () => 2);
    await turn();
    expect(heard).toBe(1);
  });
});
