import { beforeEach, describe, expect, it } from 'vitest';
import { dismiss, noticesStore, notify, notifyRefusal, settleNotices, shownNotices } from './notices';

beforeEach(() => noticesStore.setState({ notices: [] }));
const shown = () => shownNotices(noticesStore.getState()).map(({ title }) => title);

describe('notices', () => {
  it('show the three newest and keep the last twenty', () => {
    for (let n = 1; n <= 30; n++) notify({ tone: 'refused', title: `${n}`, message: '' });
    expect(shown()).toEqual(['30', '29', '28']);
    expect(noticesStore.getState().notices).toHaveLength(20);
  });

  it('stay in the list when dismissed', () => {
    const id = notifyRefusal({ title: 'Bad link', message: 'Why', where: 'the link' });
    dismiss(id);
    expect(shown()).toEqual([]);
    expect(noticesStore.getState().notices[0]).toMatchObject({
      title: 'Bad link',
      where: 'the link',
      open: false,
    });
  });

  it('say the same thing once', () => {
    for (let n = 0; n < 3; n++) notify({ tone: 'refused', title: 'Same', message: 'again' });
    expect(noticesStore.getState().notices).toHaveLength(1);
  });

  it('go with the next thing done, but for those about a crash', () => {
    notify({ tone: 'crash', title: 'Crash', message: '' });
    notify({ tone: 'fault', title: 'Fault', message: '' });
    settleNotices();
    expect(shown()).toEqual(['Crash']);
  });
});
