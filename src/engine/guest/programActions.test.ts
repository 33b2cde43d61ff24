import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions';
import { GPRS, unpackRegisters } from '../core/registers';
import { type Bench, dump } from '../testing/bench';
import { broken } from '../testing/invariants';
import { mark } from '../testing/marks';
import { KINDS, type Kind, ran, registers, run, withGuests } from '../testing/programs';
import { enterGuest } from '../xen/domain';
import { runOn } from './run/run';

const load = (bench: Bench, guest: Kind, text: string, vcpu = 0) =>
  bench.perform({ type: 'guest.program', guest, text, vcpu });
const sound = (bench: Bench) => expect([...broken(bench.machine)]).toEqual([]);

describe.each(KINDS)('a text that is no program of %s', (guest) => {
  it.each([
    ['nop\n  frob rax', 2, 3, 'There is no instruction called frob.'],
    ['mov rax,\nnop', 1, 9, 'Here a number or a name is expected.'],
    ['jmp nowhere', 1, 5, 'There is no label called nowhere.'],
    [`${'nop\n'.repeat(512)}nop`, 513, 1, 'A program has at most 512 lines.'],
    [
      `${'dq 0, 0, 0, 0, 0, 0, 0, 0\n'.repeat(64)}nop`,
      65,
      1,
      'A program has at most 4096 bytes; here it is 4097.',
    ],
  ])('is refused at its place, and nothing has moved', (text, line, column, message) => {
    const bench = withGuests([guest]);
    bench.done({ type: 'guest.program', guest, text: 'mov ebx, 7\nhlt' });
    const before = bench.state.allCells();
    expect(load(bench, guest, text)).toMatchObject({
      ok: false,
      fault: {
        rule: { id: 'guest.program-text' },
        message: `Line ${line}, column ${column}: ${message}`,
        inputs: { line, column },
      },
    });
    expect(bench.state.allCells()).toEqual(before);
    bench.done({ type: 'guest.continue', guest });
    expect(registers(bench, guest).rbx).toBe(7n);
  });

  it('tells every line that is wrong', () => {
    const outcome = load(withGuests([guest]), guest, 'frob\nnop\nmvo rax, 1');
    expect(outcome).toMatchObject({ fault: { inputs: { errors: [{ line: 1 }, { line: 3, column: 1 }] } } });
  });

  it('may be empty: behind it stands HLT', () => {
    const bench = withGuests([guest]);
    bench.done({ type: 'guest.program', guest, text: '; only a remark' });
    expect(bench.done({ type: 'guest.continue', guest })).toMatchObject({ instructions: 1, stopped: 'HLT' });
  });

  it('may have no end: the vCPU stands where it was stopped, and goes on', () => {
    const bench = withGuests([guest]);
    expect(run(bench, guest, 'again: inc rbx\njmp again')).toMatchObject({
      fault: { rule: { id: 'guest.small-cpu' }, inputs: { instructions: 4096 } },
    });
    expect(registers(bench, guest).rbx).toBe(2048n);
    expect(bench.done({ type: 'guest.step', guest })).toMatchObject({ last: 'inc rbx' });
  });

  it('needs memory', () => {
    const bench = withGuests([guest]);
    let outcome = load(bench, guest, 'hlt');
    for (let i = 0; i < 200 && outcome.ok; i++) outcome = load(bench, guest, 'hlt');
    expect(outcome).toMatchObject({ ok: false, fault: { rule: { id: 'guest.no-room' } } });
    expect(bench.done({ type: 'guest.continue', guest })).toMatchObject({ stopped: 'HLT' });
    sound(bench);
  });
});

describe.each(KINDS)('what is impossible for %s', (guest) => {
  const deeds = (vcpu = 0): Action[] => [
    { type: 'guest.program', guest, text: 'hlt', vcpu },
    { type: 'guest.step', guest, vcpu },
    { type: 'guest.continue', guest, vcpu },
  ];
  const each = (bench: Bench, vcpu?: number) => deeds(vcpu).map((deed) => bench.refused(deed));

  it('a vCPU that it does not have, or that waits', () => {
    const bench = withGuests([guest], 'vcpus=2');
    bench.done({ type: 'guest.program', guest, text: 'hlt' });
    for (const vcpu of [1, 2, 127]) expect(each(bench, vcpu)).toEqual(Array(3).fill('guest.no-vcpu'));
    const start = { type: 'guest.start-ap', guest, vcpu: 2 };
    expect(bench.refused(start)).toBe('guest.no-vcpu');
    sound(bench);
  });

  it('steps without a program', () => {
    const [, ...steps] = deeds();
    const bench = withGuests([guest]);
    expect(steps.map((deed) => bench.refused(deed))).toEqual(Array(2).fill('guest.no-program'));
  });

  it('anything while it is paused, or after its end', () => {
    const bench = withGuests([guest]);
    bench.done({ type: 'guest.program', guest, text: 'mov ebx, 1\nhlt' });
    bench.done({ type: 'xl.pause', guest });
    expect(each(bench)).toEqual(Array(3).fill('domain.paused'));
    bench.done({ type: 'xl.unpause', guest });
    expect(bench.done({ type: 'guest.continue', guest })).toMatchObject({ instructions: 2 });
    bench.done({ type: 'xl.destroy', guest });
    expect(each(bench)).toEqual(Array(3).fill('domain.none'));
    expect(bench.state.cell('vcpus', 1)).toBeNull();
    sound(bench);
  });

  it.each(['power.off', 'machine.reset'])('anything after %s, until it is created again', (type) => {
    const bench = withGuests([guest]);
    bench.done({ type: 'guest.program', guest, text: `mov rbx, ${mark(1)}\nhlt` });
    bench.done({ type: 'guest.step', guest });
    bench.done({ type });
    expect(each(bench).every((rule) => rule !== '')).toBe(true);
    if (type === 'power.off') bench.done({ type: 'power.on' });
    expect(each(bench)).toEqual(Array(3).fill('domain.none'));
    expect(bench.state.cell('vcpus', 1)).toBeNull();
    bench.done({ type: 'xl.create', config: `${guest}.cfg`, extra: 'memory=1' });
    expect(ran(bench, guest, 'xor eax, eax\ncpuid\nhlt')).toMatchObject({ rax: 0xdn });
    sound(bench);
  });

  it('the end of the platform under it', () => {
    const bench = withGuests([guest]);
    bench.done({ type: 'guest.program', guest, text: 'mov ebx, 1\ncpuid\nhlt' });
    bench.done({ type: 'guest.step', guest });
    expect(bench.refused({ type: 'xen.asp', to: 'stop' })).toBe('xen.asp-in-use');
    expect(bench.done({ type: 'guest.continue', guest })).toMatchObject({ stopped: 'HLT' });
    bench.done({ type: 'xl.destroy', guest });
    bench.done({ type: 'xen.asp', to: 'stop' });
    sound(bench);
  });
});

describe('a program in its middle', () => {
  const MARKED = GPRS.filter((name) => name !== 'rsp');
  const TEXT = [
    ...MARKED.map((name, index) => `mov ${name}, ${mark(index)}`),
    'movq xmm0, r15',
    'push r8',
    'mov eax, 0x40000000',
    'cpuid',
    'pop rbx',
    'hlt',
  ].join('\n');

  it.each([
    ['alice', 'sev_policy=5'],
    ['bob', 'sev_policy=1'],
  ] as const)('%s’s goes on at the other host: registers, stack and GHCB as they were', (guest, policy) => {
    const bench = withGuests([guest], policy);
    bench.done({ type: 'guest.program', guest, text: TEXT });
    bench.done({ type: 'guest.step', guest, count: MARKED.length + 4 });
    const before = registers(bench, guest);
    expect(before).toMatchObject({ rax: 0x4000_0005n, r15: mark(14), xmm0: mark(14) });
    bench.done({ type: 'xl.migrate', guest });
    expect(bench.refused({ type: 'guest.step', guest })).toBe('domain.none');
    const far = bench.machine.far();
    const domain = far.state.need('domain', 1);
    const held = () => unpackRegisters(far.state.need('registers', domain.core));
    expect(held()).toEqual(before);
    const rest = runOn(far, { domain, vcpu: 0 }, 2);
    expect(rest.next()).toMatchObject({ done: true, value: { ok: true, value: { stopped: 'HLT' } } });
    expect(enterGuest(far, domain)).toMatchObject({ ok: true });
    expect(held()).toMatchObject({ rbx: before.r8, rsp: before.rsp + 8n, r15: before.r15 });
    expect([...broken(bench.machine), ...broken(far)]).toEqual([]);
  });

  it('gives the same bytes twice', () => {
    const played = () =>
      KINDS.map((guest) => {
        const bench = withGuests([guest]);
        run(bench, guest, `rdtscp\n${TEXT}`);
        return [dump(bench.state), bench.changes, bench.spans];
      });
    expect(isDeepStrictEqual(played(), played())).toBe(true);
  });
});
