import { beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../../../engine/actions';
import { completeConfig } from '../../../engine/config';
import type { Machine } from '../../../engine/machine';
import { Player } from '../../../history/player';
import type { Session } from '../../../history/session';
import type { ExitView } from '../../registersProtocol';
import { exitLog } from './exitLog';
import { exitView } from './exitView';
import { ghcbNow, registersNow } from './now';
import { programView } from './programView';

const SECRET = '5ec2e7';
const TEXT = `; rbx holds a secret
mov rbx, 0x${SECRET}
mov eax, 0x8000001f
xor ecx, ecx
cpuid
hlt`;

const BOB = { guest: 'bob', vcpu: 0 };
const ALICE = { guest: 'alice', vcpu: 0 };

/** Both guests up to and over their CPUID. */
function asked(): Session<Action, Machine> {
  const { session } = Player.start(completeConfig({ technology: 'sev-es' }));
  const done = (action: Action): void => {
    const outcome = session.performNow(action);
    if (!outcome.ok) throw new Error(outcome.fault.message);
  };
  for (const { guest } of [BOB, ALICE]) {
    done({ type: 'xl.create', config: `${guest}.cfg` });
    done({ type: 'guest.program', guest, text: TEXT });
    done({ type: 'guest.step', guest, count: 3 });
    done({ type: 'guest.step', guest });
  }
  return session;
}

const labels = (view: ExitView, name: string): string[] =>
  view.steps.find((step) => step.name === name)?.shows?.what.map(({ label }) => label) ?? [];

const values = (view: ExitView): string[] =>
  view.steps.flatMap(({ shows }) => shows?.what.map(({ value }) => value.replace(/^0+/, '')) ?? []);

describe('one CPUID, without and with SEV-ES', () => {
  let session: Session<Action, Machine>;
  let plain: ExitView;
  let sealed: ExitView;

  beforeAll(() => {
    session = asked();
    const last = (choice: typeof BOB, es: boolean): ExitView => {
      const { records } = exitLog(session.journal, choice, es);
      const view = exitView(session, choice, records.at(-1)?.id ?? -1, es);
      if (!view) throw new Error('no exit');
      return view;
    };
    plain = last(BOB, false);
    sealed = last(ALICE, true);
  });

  test('without it the guest leaves at once, and comes back', () => {
    expect(plain.record).toMatchObject({ name: 'CPUID', way: 'plain', refused: false });
    expect(plain.steps.map(({ lane, name }) => `${lane}: ${name}`)).toEqual([
      'guest: cpuid (0f a2)',
      'hardware: #VMEXIT',
      'xen: svm_asm_do_resume',
      'xen: svm_vmexit_handler',
      'xen: svm_vmexit_do_cpuid',
      'xen: svm_vmenter_helper',
      'hardware: VMRUN',
    ]);
  });

  test('and Xen sees every register, the secret with them', () => {
    expect(labels(plain, 'svm_asm_do_resume')).toEqual(
      expect.arrayContaining(['RIP', 'RAX', 'RBX', 'R15', 'CR3']),
    );
    expect(values(plain)).toContain(SECRET);
  });

  test('with it hardware raises #VC, and the guest leaves of its own will', () => {
    expect(sealed.record).toMatchObject({ name: 'CPUID', way: 'vc', refused: false });
    const names = sealed.steps.map(({ lane, name }) => `${lane}: ${name}`);
    expect(names.slice(0, 5)).toEqual([
      'guest: cpuid (0f a2)',
      'hardware: #VC',
      'guest: fill GHCB',
      'guest: VMGEXIT',
      'hardware: #VMEXIT',
    ]);
    expect(names.slice(-3)).toEqual(['guest: check answer', 'guest: check values', 'guest: IRET']);
  });

  test('and Xen sees what the guest put into the GHCB, and nothing of the secret', () => {
    expect(labels(sealed, 'fill GHCB')).toEqual([
      'RAX',
      'RCX',
      'SW_EXITCODE',
      'SW_EXITINFO1',
      'SW_EXITINFO2',
    ]);
    expect(labels(sealed, 'svm_asm_do_resume')).toEqual([]);
    expect(values(sealed)).not.toContain(SECRET);
  });

  test('the answer shows the guest only what is marked valid', () => {
    const answer = sealed.steps.find(({ shows }) => shows?.to === 'guest');
    expect(answer?.shows?.what.map(({ label }) => label)).toEqual([
      'RAX',
      'RCX',
      'RDX',
      'RBX',
      'SW_EXITINFO1',
      'SW_EXITINFO2',
    ]);
  });

  test('asking moves nothing', () => {
    const { change } = session.position();
    const digest = session.digest();
    exitView(session, ALICE, sealed.record.id, true);
    expect(session.position().change).toBe(change);
    expect(session.digest()).toBe(digest);
  });

  test('steps follow each other in time, inside their exit', () => {
    for (const { steps, record } of [plain, sealed]) {
      const starts = steps.map(({ start }) => start);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      expect(steps.every(({ start, at }) => start >= record.start && at <= record.end)).toBe(true);
    }
  });

  test('registers and GHCB mark what the step changed', () => {
    const { sides } = registersNow(session, 'a', [ALICE]);
    const changed = sides[0]?.rows.filter(({ cells }) => cells.vcpu?.changed).map(({ name }) => name);
    expect(changed).toEqual(['rip', 'rax', 'rbx', 'rcx', 'rdx', 'ghcb']);
    const rax = sides[0]?.rows.find(({ name }) => name === 'rax')?.cells;
    expect(rax?.ghcb).toMatchObject({ reach: 'both', counts: true, value: rax?.vcpu?.value });
    expect(rax?.sealed).toMatchObject({ reach: 'nobody' });
    const ghcb = ghcbNow(session, 'a', ALICE);
    expect(ghcb?.shared).toBe(true);
    expect(ghcb?.says).toBe('Xen answers CPUID: done');
    expect(ghcb?.fields.find(({ name }) => name === 'rax')).toMatchObject({ valid: true, changed: true });
    expect(ghcbNow(session, 'a', BOB)).toBeNull();
  });

  test('a page that the guest takes back is no GHCB any more: Xen reads something else', () => {
    const again = asked();
    const gva = ghcbNow(again, 'a', ALICE)?.gva ?? 0;
    again.performNow({ type: 'guest.set-c', guest: 'alice', at: gva, c: true });
    expect(ghcbNow(again, 'a', ALICE)?.shared).toBe(false);
    const [side] = registersNow(again, 'a', [ALICE]).sides;
    expect(side?.rows.find(({ name }) => name === 'rax')?.cells.ghcb?.reach).toBe('guest');
  });

  test('a program stands where RIP is, with the bytes that the guest fetches', () => {
    const program = programView(session.machine, ALICE);
    expect(program).toMatchObject({ text: TEXT, current: 6, es: true });
    expect(program?.lines.map(({ line, bytes }) => [line, bytes])).toContainEqual([5, '0fa2']);
    expect(program?.intercepts).toContain('CPUID');
  });
});
