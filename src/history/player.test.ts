import { describe, expect, it } from 'vitest';
import type { Action } from '../engine/actions';
import { machineOf } from '../scenario/machine';
import { parseScenario } from '../scenario/parse';
import type { Scenario } from '../scenario/schema';
import { Player } from './player';

const text = `title: A script
summary: For the tests.
rows: []
machine: { memory: 4 MiB }
steps:
  - title: Create
    narration: A guest and a note.
    do:
      - { type: xl.create, config: alice.cfg, extra: memory=1 }
      - { type: guest.write, guest: alice, name: note, data: 'first' }
    view: { tab: memory, page: 'alice:note' }
  - title: Look
    narration: Nothing is done.
    view: { tab: matrix }
    expect: [{ look: { who: alice, at: 'alice:note' }, is: same, as: 'first' }]
  - title: Read
    narration: Xen reads.
    do: [{ type: host.read, at: 'spa(alice:note)', length: 16 }]
    predict:
      ask: What does Xen read?
      options:
        - { say: The note, when: { look: { who: xen, at: 'alice:note' }, is: same, as: 'first' } }
        - { say: Ciphertext, when: { look: { who: xen, at: 'alice:note' }, is: different, as: 'first' } }
  - title: Write again
    narration: Alice writes.
    do: [{ type: guest.write, guest: alice, at: 'alice:note', data: 'second' }]
    expect:
      - { fault: none }
      - { look: { who: alice, at: 'alice:note' }, is: same, as: 'wrong!' }
`;

function scenario(from = text): Scenario {
  const parsed = parseScenario(from, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.scenario;
}

const start = (from?: string): Player => Player.start(machineOf(scenario(from)), scenario(from));
const own: Action = { type: 'host.write', at: 0x200000, data: 'own' };

describe('a script', () => {
  it('is followed step by step, also through steps that only look', () => {
    const player = start();
    expect(player.stepsDone).toBe(0);
    for (const done of [1, 2, 3, 4, 4]) {
      expect(player.next()).toEqual({ ok: true });
      expect(player.stepsDone).toBe(done);
    }
    expect(player.session.actions).toHaveLength(4);
    expect(player.strayed).toBe(false);
  });

  it('goes back and on again without doing anything twice', () => {
    const player = start();
    player.goToStep(4);
    const { length, actions } = player.session;
    const digest = player.session.digest();
    for (const step of [0, 3, 2, 1, 4]) {
      expect(player.goToStep(step)).toEqual({ ok: true });
      expect(player.stepsDone).toBe(step);
      expect(player.session.length).toBe(length);
    }
    expect(player.session.actions).toEqual(actions);
    expect(player.session.digest()).toBe(digest);
  });

  it('is the same whether it was played or opened at a step', () => {
    const played = start();
    for (let n = 0; n < 3; n++) played.next();
    const opened = start();
    opened.goToStep(3);
    expect(opened.session.digest()).toBe(played.session.digest());
    expect(opened.session.position()).toEqual(played.session.position());
  });

  it('counts a step when the cursor has passed all of it', () => {
    const player = start();
    player.goToStep(4);
    const [first, second] = player.session.actions;
    player.session.seek(second!.end - 1);
    expect(player.stepsDone).toBe(0);
    player.session.seek(first!.end);
    expect(player.stepsDone).toBe(0);
    player.session.seek(second!.end);
    expect(player.stepsDone).toBe(2);
    expect(player.endOfStep(1)).toBe(second!.end);
  });

  it('knows the answer and the view of a step once it was taken, and not before', () => {
    const player = start();
    expect(player.answer(3)).toEqual({ right: null, because: '' });
    expect(player.view(1)).toBeNull();
    player.goToStep(3);
    expect(player.answer(3)).toMatchObject({ right: 1, because: expect.stringMatching(/^Xen sees /) });
    expect(player.view(1)?.page).toBeGreaterThan(0);
    expect(player.view(2)).toEqual({ tab: 'matrix', page: null, eye: null });
    expect(player.answer(1)).toEqual({ right: null, because: '' });
  });

  it('says what does not hold', () => {
    const player = start();
    player.goToStep(4);
    expect(player.failures(2)).toEqual([]);
    expect(player.failures(4)).toEqual([
      expect.stringMatching(/^expected .*wrong!.*but: Alice sees “second/),
    ]);
  });

  it('refuses steps that it does not have, and what cannot be resolved', () => {
    expect(start().goToStep(5)).toMatchObject({
      ok: false,
      message: 'There is no step 5: the scenario has 4.',
    });
    expect(start().goToStep(-1)).toMatchObject({ ok: false });
    const player = start(text.replace('spa(alice:note)', 'spa(bob:note)'));
    expect(player.goToStep(4)).toEqual({
      ok: false,
      step: 3,
      message: 'Step 3, action 1: There is no guest named bob.',
    });
    expect(player.stepsDone).toBe(2);
  });
});

describe('own actions', () => {
  it('do not count as steps, and going on drops them', () => {
    const player = start();
    player.goToStep(3);
    player.session.performNow(own);
    expect(player.stepsDone).toBe(3);
    expect(player.strayed).toBe(true);
    player.next();
    expect(player.stepsDone).toBe(4);
    expect(player.strayed).toBe(false);
    const straight = start();
    straight.goToStep(4);
    expect(player.session.digest()).toBe(straight.session.digest());
  });

  it('in the middle of a step make it undone', () => {
    const player = start();
    player.goToStep(4);
    player.session.seekAction(0, 'end');
    player.session.performNow(own);
    expect(player.stepsDone).toBe(0);
    expect(player.strayed).toBe(true);
    expect(player.answer(3)).toEqual({ right: null, because: '' });
    player.goToStep(3);
    expect(player.stepsDone).toBe(3);
    expect(player.answer(3).right).toBe(1);
  });

  it('in a what-if leave the script of the main line standing', () => {
    const player = start();
    player.goToStep(4);
    player.goToStep(3);
    player.session.fork();
    player.session.performNow(own);
    expect(player.strayed).toBe(true);
    player.next();
    player.session.returnToMain();
    expect(player.strayed).toBe(false);
    expect(player.stepsDone).toBe(3);
    expect(player.goToStep(4)).toEqual({ ok: true });
    expect(player.session.actions).toHaveLength(4);
  });

  it('without a script are free play', () => {
    const player = Player.start(machineOf(scenario()));
    player.session.performNow(own);
    expect(player).toMatchObject({ stepsDone: 0, strayed: false, steps: [] });
  });
});
