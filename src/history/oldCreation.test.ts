import { describe, expect, it } from 'vitest';
import { actionSchema } from '../engine/actions';
import { completeConfig } from '../engine/config';
import { Player } from './player';
import { fromDocument } from './saved';

const MIB = 2 ** 20;
const { xen: _, ...config } = completeConfig({ memory: 16 * MIB });
const document = (actions: unknown[], more = {}): unknown => ({
  config,
  actions,
  cursor: { action: actions.length - 1, offset: 0 },
  view: '',
  blobs: {},
  ...more,
});
const opened = (old: unknown) => {
  const found = fromDocument(1, old, actionSchema);
  if (!found.ok) throw new Error(found.message);
  return found.value;
};
const create = (more = {}) => ({ type: 'guest.create', guest: 'zoe', ...more });

describe('a session from before xl', () => {
  it.each([
    [create(), 'name="zoe" memory=4'],
    [create({ memory: 64 * 1024 }), 'name="zoe" memory=1'],
    [create({ memory: 2 * MIB + 4096, sev: false }), 'name="zoe" memory=3 coco=0'],
    [create({ sev: true }), 'name="zoe" memory=4 coco=1'],
  ])('creates by xl: %j', (action, extra) => {
    const { actions, config: whole } = opened(document([action]));
    expect(actions).toEqual([{ type: 'xl.create', config: 'alice.cfg', extra }]);
    expect(whole.xen).toBe('project');
  });

  it('opens and plays to its end', () => {
    const saved = opened(
      document([
        create({ guest: 'alice' }),
        { type: 'guest.write', guest: 'alice', data: 'an old note' },
        create({ guest: 'bob', sev: false }),
        { type: 'guest.destroy', guest: 'bob' },
      ]),
    );
    const player = Player.start(saved.config);
    for (const action of saved.actions) player.session.performNow(action);
    expect(player.session.actions.map(({ outcome }) => outcome.ok)).toEqual([true, true, true, true]);
  });

  it('upgrades the script that it brings along, and passes on what it does not know', () => {
    const script = (deeds: unknown[]) => ({
      script: { id: 'mine', steps: 1, scenario: { steps: [{ do: deeds }, 3] } },
    });
    const old = document([], {
      ...script([create({ memory: '64 KiB' }), 'odd']),
      cursor: { action: -1, offset: 0 },
    });
    const made = { type: 'xl.create', config: 'alice.cfg', extra: 'name="zoe" memory=1' };
    expect(opened(old).script).toEqual(script([made, 'odd']).script);
    expect(fromDocument(1, document(['odd']), actionSchema)).toMatchObject({
      ok: false,
      where: 'actions[0]',
    });
    for (const odd of [null, 3, [], { actions: 3 }])
      expect(fromDocument(1, odd, actionSchema).ok).toBe(false);
  });
});
