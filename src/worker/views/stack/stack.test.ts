import { describe, expect, it } from 'vitest';
import type { Action } from '../../../engine/actions';
import { completeConfig, type PartialConfig } from '../../../engine/config';
import { XEN_TREES } from '../../../engine/core/config';
import { hands } from '../../../engine/hands';
import { Machine } from '../../../engine/machine';
import { Session } from '../../../history/session';
import type { StackCall, StackView } from '../../protocol';
import { enablingView } from './enabling';
import { insideView } from './inside';
import { stackView } from './view';

function played(actions: readonly Action[], config: PartialConfig = {}) {
  const session = new Session<Action, Machine>({
    config: completeConfig(config),
    powerOn: (complete, recorder, blobs) => new Machine(complete, recorder, blobs, hands),
  });
  for (const action of actions) session.performNow(action);
  return session;
}

const seen = (actions: readonly Action[], config: PartialConfig = {}): StackView => {
  const session = played(actions, config);
  return stackView(session, session.position().action, session.config.xen);
};

const CREATE = { type: 'xl.create', config: 'alice.cfg' };
const named = ({ calls }: StackView, name: string): StackCall => {
  const found = calls.find((call) => call.name === name);
  if (!found) throw new Error(`no call of ${name}`);
  return found;
};

const callers = (view: StackView, call: StackCall): string[] => {
  const caller = view.calls.find(({ id }) => id === call.parent);
  return caller ? [...callers(view, caller), caller.lane] : [];
};

describe('the stack of xl create', () => {
  it('goes through every layer down to the firmware, by way of the mailbox', () => {
    const view = seen([CREATE]);
    const launch = named(view, 'LAUNCH_START');
    expect(launch).toMatchObject({ lane: 'firmware', status: 'hardware', proposed: true });
    expect([...new Set(callers(view, launch))]).toEqual([
      'xl',
      'libxl',
      'libxc',
      'hypercall',
      'xen',
      'svm',
      'asp-driver',
      'mailbox',
    ]);
    expect(named(view, 'CmdResp = 0x30 << 16')).toMatchObject({
      lane: 'mailbox',
      args: { CmdResp: '0x300000' },
      result: { CmdResp: '0x80300000' },
    });
  });

  it('shows nothing proposed as upstream', () => {
    const view = seen([CREATE]);
    expect(named(view, 'main_create')).toMatchObject({ status: 'upstream', proposed: false });
    expect(named(view, 'sev_do_cmd')).toMatchObject({ status: 'rfc', proposed: true });
    const byId = new Map(view.calls.map((call) => [call.id, call]));
    for (const { proposed, parent } of view.calls)
      if (parent !== null && byId.get(parent)?.proposed) expect(proposed).toBe(true);
  });

  it('places every call inside its caller, and says where each is written down', () => {
    const view = seen([CREATE]);
    const byId = new Map(view.calls.map((call) => [call.id, call]));
    for (const call of view.calls) {
      const caller = call.parent === null ? null : byId.get(call.parent);
      if (!caller) continue;
      expect(call.start).toBeGreaterThanOrEqual(caller.start);
      expect(call.end).toBeLessThanOrEqual(caller.end);
      expect(call.level).toBe(caller.level + 1);
    }
    for (const { name } of view.calls) expect(view.facts[name]).toBeDefined();
  });

  it('has nothing proposed in it on upstream Xen, which makes an ordinary guest', () => {
    const view = seen([CREATE], { xen: 'upstream' });
    expect(view.calls.length).toBeGreaterThan(20);
    expect(view.calls.filter(({ status }) => status === 'rfc' || status === 'branch')).toEqual([]);
    expect(view.calls.some(({ lane }) => lane === 'firmware')).toBe(false);
  });

  it.each(['sev', 'sev-es'] as const)(
    'of %s names a public source for every call that is not hardware',
    (technology) => {
      for (const xen of XEN_TREES) {
        const deeds: Action[] = [
          CREATE,
          { type: 'xl.pause', guest: 'alice' },
          { type: 'xl.unpause', guest: 'alice' },
          { type: 'xl.destroy', guest: 'alice' },
        ];
        for (let done = 0; done <= deeds.length; done++) {
          const view = seen(deeds.slice(0, done), { xen, technology });
          const nameless = view.calls.filter(
            ({ name, status }) => status !== 'hardware' && view.facts[name]?.file === null,
          );
          expect(nameless.map(({ name }) => name)).toEqual([]);
        }
      }
    },
  );

  it('of a guest with SEV-ES marks what only the branch has', () => {
    const machine = { technology: 'sev-es' } as const;
    const added = ['SEV-ES: VMSA page, NP_CONTROL.SEV_ES', 'VMSA from VMCB, LAUNCH_UPDATE_VMSA'];
    for (const name of added)
      expect(named(seen([CREATE], machine), name)).toMatchObject({ status: 'branch' });
    const start = named(seen([], machine), 'SEV-ES: trusted memory region, INIT');
    expect(start).toMatchObject({ lane: 'asp-driver', status: 'branch' });
    const plain = seen([CREATE], { ...machine, xen: 'rfc-2025-05' }).calls.map(({ name }) => name);
    expect(plain.filter((name) => /SEV-ES|VMSA/.test(name))).toEqual([]);
  });

  it('has the mailbox also for a command past the driver', () => {
    const view = seen([{ type: 'asp.command', command: 'PLATFORM_STATUS' }]);
    expect(view.calls.map(({ lane, level }) => [lane, level])).toEqual([
      ['mailbox', 1],
      ['firmware', 2],
    ]);
  });

  it('shows the power-on with the driver’s first commands', () => {
    const view = seen([]);
    expect(view).toMatchObject({ action: -1, title: 'Power on' });
    expect(named(view, 'INIT').lane).toBe('firmware');
    expect(view.calls.filter(({ lane }) => lane === 'mailbox')).toHaveLength(3);
  });
});

describe('a refusal', () => {
  it('travels from the check that decided up to xl, which adds its words', () => {
    const view = seen([{ ...CREATE, extra: 'nestedhvm=1' }]);
    const names = view.refusal.map(({ id }) => view.calls.find((call) => call.id === id)?.name);
    expect(names[0]).toBe('arch_sanitise_domain_config');
    expect(names.at(-1)).toBe('main_create');
    expect(view.refusal[0]?.says).toContain('nested virtualisation');
    expect(view.refusal.filter(({ says }) => says?.startsWith('libxl: error'))).toHaveLength(1);
  });

  it('of the firmware begins at the firmware', () => {
    const view = seen([{ type: 'asp.command', command: 'SHUTDOWN' }, CREATE]);
    const first = view.calls.find(({ id }) => id === view.refusal[0]?.id);
    expect(first).toMatchObject({ lane: 'firmware', name: 'LAUNCH_START' });
    expect(view.refusal.length).toBeGreaterThan(8);
  });

  it('is not there when nothing was refused', () => {
    expect(seen([CREATE]).refusal).toEqual([]);
  });
});

describe('what changed inside a call', () => {
  it('counts kinds and pages', () => {
    const session = played([CREATE]);
    const view = stackView(session, 0, session.config.xen);
    const whole = insideView(session.journal, view.start, view.end);
    expect(whole.count).toBe(view.end - view.start);
    expect(whole.kinds.reduce((sum, { count }) => sum + count, 0)).toBe(whole.count);
    expect(whole.pageCount).toBeGreaterThan(1000);
    const { start, end } = named(view, 'ACTIVATE');
    const activate = insideView(session.journal, start, end);
    expect(activate.records.some(({ title }) => title.startsWith('Firmware’s guest'))).toBe(true);
  });
});

describe('what enabling takes', () => {
  const { pieces } = enablingView();

  it('lists only what upstream lacks, for each technology', () => {
    expect(pieces.length).toBeGreaterThan(15);
    expect(pieces.filter(({ status }) => status === 'upstream' || status === 'hardware')).toEqual([]);
    for (const technology of ['sev', 'sev-es', 'sev-snp'])
      expect(pieces.some((piece) => piece.technology === technology)).toBe(true);
    expect(pieces.find(({ name }) => name === 'snp_domain_initialise')).toMatchObject({
      technology: 'sev-snp',
      insteadOf: 'sev_domain_initialise',
    });
  });
});
