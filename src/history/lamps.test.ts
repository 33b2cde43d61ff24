import { describe, expect, it } from 'vitest';
import type { Action } from '../engine/actions';
import { completeConfig } from '../engine/config';
import type { MachineConfig } from '../engine/core/config';
import type { Machine } from '../engine/machine';
import { createGuest } from '../engine/testing/guests';
import { type LampReading, Lamps } from './lamps';
import { powerOn } from './player';
import { Session } from './session';

const config: MachineConfig = completeConfig({ memory: 4 * 2 ** 20 });
const NOTE = 0x7f0000000000 + 0x6000;

const create: Action = createGuest('alice', 1, false);
const write: Action = { type: 'guest.write', guest: 'alice', name: 'note', data: 'balance=1000 EUR' };

function begin(budget?: number): {
  session: Session<Action, Machine>;
  lamps: Lamps<Action, Machine>;
  spy: Action;
  spoil: Action;
  read: Action;
} {
  const session = new Session<Action, Machine>({ config, powerOn, budget });
  const lamps = new Lamps(session);
  session.performNow(create);
  session.performNow(write);
  const os = session.state.need('guest', 1);
  const at = os.objects.find(({ name }) => name === 'note')?.address ?? NOTE;
  const spa = session.state.need('domain', 1).frames[0]![0] * 4096 + (at - 0x7f0000000000);
  return {
    session,
    lamps,
    spy: { type: 'host.read', at: spa, length: 16 },
    spoil: { type: 'host.write', at: spa, data: 'balance=9999 EUR' },
    read: { type: 'guest.read', guest: 'alice', at, length: 16 },
  };
}

const red = (lamps: readonly LampReading[]): string[] =>
  lamps.filter(({ violated }) => violated).map(({ name }) => name);

describe('the lamps', () => {
  it('turn red at the change that breaks a property, and are green before it', () => {
    const { session, lamps, spy } = begin();
    expect(red(lamps.at(session.length))).toEqual([]);
    session.performNow(spy);
    const [confidentiality] = lamps.at(session.length);
    const { change, action, sentence } = confidentiality!.evidence!;
    expect(action).toBe(2);
    expect(sentence).toMatch(/^xen saw a block of alice’s private plaintext/i);
    expect(red(lamps.at(change))).toEqual(['confidentiality']);
    expect(red(lamps.at(change - 1))).toEqual([]);
    expect(red(lamps.at(0))).toEqual([]);
  });

  it('forget what the line no longer has', () => {
    const { session, lamps, spy, spoil, read } = begin();
    session.performNow(spy);
    expect(red(lamps.at(session.length))).toEqual(['confidentiality']);
    session.seekAction(1, 'end');
    session.performNow(spoil);
    session.performNow(read);
    expect(red(lamps.at(session.length))).toEqual(['integrity']);
  });

  it('come back with the main line after a what-if', () => {
    const { session, lamps, spy, spoil, read } = begin();
    session.performNow(spy);
    session.seekAction(1, 'end');
    session.fork();
    session.performNow(spoil);
    session.performNow(read);
    expect(red(lamps.at(session.length))).toEqual(['integrity']);
    session.returnToMain();
    expect(session.position().action).toBe(1);
    expect(red(lamps.at(session.length))).toEqual(['confidentiality']);
    expect(session.position().action).toBe(1);
  });

  it('do not depend on what the journal still holds', () => {
    const large = begin();
    const small = begin(64 * 1024);
    for (const { session, spy, spoil, read } of [large, small]) {
      for (const action of [spy, spoil, read, spy]) session.performNow(action);
    }
    expect(small.session.journal.firstKept).toBeGreaterThan(0);
    expect(small.lamps.at(small.session.length)).toEqual(large.lamps.at(large.session.length));
    small.session.seekAction(3, 'start');
    const late = new Lamps(small.session);
    expect(late.at(small.session.length)).toEqual(large.lamps.at(large.session.length));
    expect(small.session.position().change).toBe(small.session.actions[3]!.start);
  });
});
