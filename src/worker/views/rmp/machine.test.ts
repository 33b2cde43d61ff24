import { describe, expect, test } from 'vitest';
import type { Action } from '../../../engine/actions';
import { PAGE_EDGES } from '../../../engine/asp/snp/pageMachine';
import { completeConfig } from '../../../engine/config';
import { PAGE_SIZE } from '../../../engine/core/address';
import { pageState } from '../../../engine/rmp/pageState';
import { authoritative } from '../../../engine/rmp/table';
import { PAGE_STATES } from '../../../engine/rmp/types';
import { Player } from '../../../history/player';
import { RmpColours } from './colours';
import { RmpLog } from './log';
import { machineOf, permissionsSetAt, type Recorded } from './machine';

const MIB = 2 ** 20;

/** A machine with a guest, and what was done since. */
function play(...actions: readonly Action[]) {
  const config = completeConfig({ technology: 'sev-snp', generation: 'genoa', memory: 32 * MIB });
  const { session } = Player.start(config);
  const done = (action: Action): void => {
    const outcome = session.performNow(action);
    if (!outcome.ok) throw new Error(outcome.fault.message);
  };
  for (const action of actions) done(action);
  const recorded = (): Recorded => ({
    p: session.machine,
    journal: session.journal,
    cursor: session.position().change,
    title: (action) => (action < 0 ? 'Power on' : `action ${action}`),
  });
  const free = session.machine.state.need('xen').free[0]?.[0] ?? 0;
  return { session, done, recorded, free };
}

const CREATE: Action = { type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' };
const assign = (pfn: number, asid: number): Action => ({
  type: 'host.rmpupdate',
  at: pfn * PAGE_SIZE,
  assigned: true,
  asid,
  gpa: 0x5000,
});

describe('the state machine of pages, from the record', () => {
  test('every move from the power-on to a guest’s end is an edge, and counts are those of the table', () => {
    const { recorded } = play(CREATE, { type: 'xl.destroy', guest: 'alice' });
    const record = recorded();
    const view = machineOf(record, new RmpLog(), new RmpColours(), 0);
    expect(view.taken.filter(({ edge }) => edge === null)).toEqual([]);
    for (const { edge, from, to } of view.taken) expect(PAGE_EDGES[edge ?? -1]).toMatchObject({ from, to });
    const names = view.taken.map(({ from, to, by }) => `${from} > ${to}: ${by}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'Hypervisor > Firmware: RMPUPDATE',
        'Firmware > Context: SNP_GCTX_CREATE',
        'Pre-Guest > Guest-Valid: SNP_LAUNCH_UPDATE',
        'Context > Firmware: SNP_DECOMMISSION',
        'Firmware > Reclaim: SNP_PAGE_RECLAIM',
      ]),
    );
    const counted = PAGE_STATES.map(() => 0);
    for (let spa = 0; spa < record.p.config.memory; spa += PAGE_SIZE)
      counted[PAGE_STATES.indexOf(pageState(authoritative(record.p, spa)))]! += 1;
    expect(view.counts).toEqual(counted);
  });

  test('the way of a page is told with its calls, ends at the cursor, and follows a record that was cut off', () => {
    const { session, done, recorded, free } = play();
    const [log, colours] = [new RmpLog(), new RmpColours()];
    const way = () =>
      machineOf(recorded(), log, colours, free).path.map(({ from, to, by }) => [from, to, by]);
    done(assign(free, 3));
    expect(way()).toEqual([['Hypervisor', 'Guest-Invalid', 'RMPUPDATE']]);
    done({ type: 'host.rmpupdate', at: free * PAGE_SIZE, assigned: false });
    expect(way().at(-1)).toEqual(['Guest-Invalid', 'Hypervisor', 'RMPUPDATE']);
    const start = session.actions[1]?.start ?? 0;
    session.seek(start);
    expect(way()).toHaveLength(1);
    done({ type: 'host.rmpupdate', at: free * PAGE_SIZE, assigned: true, asid: 0, immutable: true });
    expect(way().at(-1)).toEqual(['Guest-Invalid', 'Firmware', 'RMPUPDATE']);
    expect(way()).toHaveLength(2);
  });

  test('a table that somebody overwrites takes no edge', () => {
    const { session, done, recorded, free } = play();
    done(assign(free, 3));
    const { base } = session.machine.state.need('rmp');
    const at = base + 0x4000 + free * 16;
    done({ type: 'probe.write', at, data: `hex:${'00'.repeat(16)}` });
    const last = machineOf(recorded(), new RmpLog(), new RmpColours(), free).path.at(-1);
    expect(last).toMatchObject({ from: 'Guest-Invalid', to: 'Hypervisor', edge: null });
  });

  test('pages of a state are told as runs', () => {
    const { session, done, free } = play();
    const colours = new RmpColours();
    for (const pfn of [free, free + 1]) done(assign(pfn, 3));
    expect(colours.pagesIn(session.machine, 'Guest-Invalid')).toEqual([{ first: free, count: 2 }]);
    const rest = colours.pagesIn(session.machine, 'Hypervisor');
    expect(rest.some(({ first, count }) => free >= first && free < first + count)).toBe(false);
  });
});

test('who last set what VMPLs may do with a page is told with the moment', () => {
  const { session, done, recorded, free } = play();
  const log = new RmpLog();
  expect(permissionsSetAt(recorded(), log, free)).toBeNull();
  done(assign(free, 3));
  const moment = permissionsSetAt(recorded(), log, free);
  expect(moment).toMatchObject({ by: 'RMPUPDATE', action: 'action 0' });
  expect(moment?.change).toBeLessThanOrEqual(session.length);
  done({ ...assign(free, 3), immutable: true } as Action);
  expect(permissionsSetAt(recorded(), log, free)?.change).toBe(moment?.change);
});
