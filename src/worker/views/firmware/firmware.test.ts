import { describe, expect, it } from 'vitest';
import type { Action } from '../../../engine/actions';
import { completeConfig } from '../../../engine/config';
import { Player } from '../../../history/player';
import { keysView } from '../keys/view';
import { commandLog } from './log';
import { mailboxView } from './mailbox';
import { firmwareView } from './view';

const CREATE = { type: 'xl.create', config: 'alice.cfg' } as Action;

function started(...actions: readonly Action[]) {
  const { session } = Player.start(completeConfig({}));
  for (const action of actions) session.performNow(action);
  const at = () => session.position().change;
  return {
    session,
    view: (handle: number | null = null) => firmwareView(session.machine, session.journal, at(), handle, 'a'),
    log: () => commandLog(session.journal, 'a').records,
    mailbox: () => mailboxView(session.machine, session.journal, at(), 'a'),
    keys: () => keysView(session.machine, session.journal, at(), null, 'a'),
    send: (name: string) => {
      const { commands } = firmwareView(session.machine, session.journal, at(), null, 'a');
      const offer = commands.find((command) => command.name === name);
      if (!offer) throw new Error(`no ${name}`);
      session.performNow(offer.action as Action);
      return offer;
    },
  };
}

describe('state machines', () => {
  it('stand where the firmware stands', () => {
    const { view, session } = started();
    expect(view().machines.platform.current).toBe('INIT');
    expect(view().machines.guest.current).toBe('UNINIT');
    session.performNow(CREATE);
    const after = view();
    expect(after.machines.platform.current).toBe('WORKING');
    expect(after.machines.guest.current).toBe('RUNNING');
    expect(after.machines.activation.current).toBe('active');
    expect(after.guests).toMatchObject([{ handle: 1, name: 'alice', state: 'RUNNING' }]);
    session.seek(0);
    expect(view()).toMatchObject({ ready: false, commands: [], last: null });
  });

  it('every command answers what was foretold, and foretelling leaves no trace', () => {
    const names = started(CREATE)
      .view()
      .commands.map(({ name }) => name);
    for (const name of names) {
      const { send, view, session } = started(CREATE);
      const before = session.digest();
      const { length } = session;
      const offer = send(name);
      const { last } = view();
      expect([name, last?.name, last?.status]).toEqual([name, name, offer.status]);
      const refusing = last?.rungs.findIndex(({ reached }) => reached === 'refused') ?? -1;
      expect([name, refusing]).toEqual([name, (offer.check?.at ?? 0) - 1]);
      session.seek(length);
      expect(session.digest()).toBe(before);
    }
  });

  it('shows the checks before the one that refused as passed and those behind it as not reached', () => {
    const { send, view } = started(CREATE);
    send('LAUNCH_MEASURE');
    const { last } = view();
    expect(last).toMatchObject({ status: 'INVALID_GUEST_STATE', handle: 1, running: false, moves: [] });
    expect(last?.rungs.map(({ reached }) => reached)).toEqual([
      'passed',
      'passed',
      'refused',
      'not reached',
      'not reached',
      'not reached',
    ]);
  });
});

it('the log tells the path of the guest with the states that it went through', () => {
  const { log, session } = started(CREATE);
  const moves = log().flatMap((record) =>
    record.moves.map(({ what, from, to }) => `${record.name}: ${what} ${from} ${to}`),
  );
  expect(moves).toEqual([
    'INIT: platform UNINIT INIT',
    'LAUNCH_START: guest 1 UNINIT LUPDATE',
    'LAUNCH_START: platform INIT WORKING',
    'ACTIVATE: activation of 1 inactive pending',
    'LAUNCH_MEASURE: guest 1 LUPDATE LSECRET',
    'LAUNCH_FINISH: guest 1 LSECRET RUNNING',
    'LAUNCH_FINISH: activation of 1 pending active',
  ]);
  expect(log().every(({ start, end }) => end <= session.length && start < end)).toBe(true);
});

it('the mailbox has its registers and opens the buffer over what memory holds', () => {
  const { send, mailbox } = started(CREATE);
  send('GUEST_STATUS');
  const { registers, buffer } = mailbox();
  expect(registers[0]).toMatchObject({
    name: 'CmdResp',
    bits: [{ value: '1' }, { value: 'GUEST_STATUS' }, { value: 'SUCCESS' }],
  });
  expect(buffer?.command).toBe('GUEST_STATUS');
  expect(buffer?.fields.map(({ name, value, passed }) => [name, value, passed])).toEqual(
    [
      ['HANDLE', '0x1', null],
      ['POLICY', expect.anything(), expect.anything()],
      ['ASID', '0x2', '0x0'],
      ['STATE', '0x3', '0x0'],
    ].map((row) => (row[0] === 'POLICY' ? expect.arrayContaining(['POLICY']) : row)),
  );
  expect(buffer?.bytes).toHaveLength(13);
});

it('the second host has states, commands and a path of its own', () => {
  const { session, view, log } = started(
    { type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 sev_policy=1' } as Action,
    { type: 'xl.migrate', guest: 'alice' } as Action,
  );
  const { change } = session.position();
  const far = firmwareView(session.machine.far(), session.journal, change, null, 'b');
  expect(view().last?.name).not.toMatch(/^RECEIVE/);
  expect(far.machines.guest.current).toBe('RUNNING');
  expect(far.commands.every(({ action }) => action === null)).toBe(true);
  const there = commandLog(session.journal, 'b').records.map(({ name }) => name);
  expect(there).toEqual(expect.arrayContaining(['RECEIVE_START', 'RECEIVE_FINISH']));
  expect(log().map(({ name }) => name)).toEqual(expect.arrayContaining(['SEND_START', 'SEND_FINISH']));
});

describe('keys', () => {
  it('are named and never shown', () => {
    const { keys } = started(CREATE);
    const { keys: all } = keys();
    expect(all.map(({ id, presence }) => `${id} ${presence}`)).toEqual(
      expect.arrayContaining(['cek present', 'pdh present', 'vek present', 'memory present', 'host present']),
    );
    for (const { open, kind } of all) expect(kind === 'session' || open.length === 0).toBe(true);
  });

  it('have the certificates that were really exported, and only those', () => {
    const { keys, send } = started(CREATE);
    const certificate = (id: string) => keys().keys.find((key) => key.id === id)?.certificate;
    expect(certificate('pdh')).toBeNull();
    send('PDH_CERT_EXPORT');
    expect(certificate('pdh')?.signatures).toEqual([{ by: 'PEK', verdict: 'valid', valid: true }]);
    expect(certificate('pek')?.signatures.map(({ by, valid }) => `${by} ${valid}`)).toEqual([
      'OCA true',
      'CEK true',
    ]);
    expect(certificate('ask')?.signatures).toEqual([{ by: 'ARK', verdict: 'valid', valid: true }]);
    send('GET_ID');
    expect(certificate('pdh')).toBeNull();
  });
});
