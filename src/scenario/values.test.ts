import { describe, expect, it } from 'vitest';
import { Player } from '../history/player';
import { judge, type Verdict } from './expect';
import type { Expectation } from './expectation';
import { machineOf } from './machine';
import { parseScenario } from './parse';
import { resolveAction } from './resolve';
import type { Scenario } from './schema';

const SECRET = '0xfedcba9876543210';

/** Alice with SEV-ES and two vCPUs, and Bob without, each with a secret in R15 at a CPUID. */
const text = `title: Registers
summary: For the tests.
rows: []
machine: { technology: sev-es, memory: 16 MiB, generation: milan }
steps:
  - title: All of it
    narration: Two guests.
    do:
      - { type: xl.create, config: alice.cfg, extra: memory=1 vcpus=2 }
      - { type: guest.program, guest: alice, name: ask, text: &ask "mov r15, ${SECRET}\\nmov eax, 0x80000000\\ncpuid\\non: hlt" }
      - { type: guest.step, guest: alice, count: 3 }
      - { type: xl.create, config: bob.cfg, extra: memory=1 }
      - { type: guest.program, guest: bob, name: ask, text: *ask }
      - { type: guest.step, guest: bob, count: 3 }
`;

function playerOf(): Player {
  const parsed = parseScenario(text, 'test');
  if (!parsed.ok) throw new Error(parsed.refusal.reason);
  const scenario: Scenario = parsed.scenario;
  const player = Player.start(machineOf(scenario), scenario);
  player.next();
  return player;
}

const player = playerOf();
const platform = player.session.machine;

function judged(expected: Expectation): Verdict {
  const moment = { platform, outcome: null, lamps: [], facts: [], calls: [] };
  return judge(moment, { title: '', narration: '', expect: [expected] }, true);
}

const kept = <I extends string>(of: string, place: I, name: string) =>
  ({ of, in: place, name }) as Extract<Expectation, { value: unknown }>['value'];

describe('holds', () => {
  it.each<Expectation>([
    { value: kept('alice', 'vcpu', 'r15'), is: SECRET },
    { value: kept('alice', 'vcpu', 'rip'), is: 'alice:ask + 17' },
    { value: kept('alice', 'vcpu', 'rip'), is: 'label(alice, on)' },
    { value: kept('alice', 'vmsa', 'r15'), is: SECRET },
    { value: kept('alice', 'xen', 'r15'), is: 0 },
    { value: kept('alice', 'xen', 'rip'), isNot: 'alice:ask' },
    { value: kept('alice', 'vmcb', 'exitCode'), is: 0x403 },
    { value: kept('alice', 'vmcb', 'vmsa'), is: 'vmsa(alice)' },
    { value: kept('alice', 'vmcb', 'ghcb'), is: 'gpa(ghcb(alice))' },
    { value: kept('alice', 'ghcb', 'rax'), is: 0x8000001f, marked: true },
    { value: kept('alice', 'ghcb', 'r15'), isNot: SECRET, marked: false },
    { value: { ...kept('alice', 'vcpu', 'rip'), vcpu: 1 }, is: 0x5800 },
    { value: { ...kept('alice', 'vmcb', 'vmsa'), vcpu: 1 }, is: 'vmsa(alice, 1)' },
    { value: kept('bob', 'vcpu', 'r15'), is: SECRET },
    { value: kept('bob', 'xen', 'r15'), is: SECRET },
    { value: kept('bob', 'vmcb', 'exitCode'), is: 0x72 },
    { look: { who: 'alice.key', at: 'vmsa(alice) + 0x378' }, is: 'same', as: 'hex:1032547698badcfe' },
    { look: { who: 'xen.c0', at: 'vmsa(alice) + 0x378' }, is: 'different', as: 'hex:1032547698badcfe' },
    { look: { who: 'xen', at: 'registers(bob)' }, is: 'same', as: 'hex:1032547698badcfe' },
    { look: { who: 'xen', at: 'checksum(alice)', length: 8 }, is: 'refused' },
    { look: { who: 'alice.key', at: 'checksum(alice)', length: 8 }, is: 'refused' },
  ])('%j', (expected) => expect(judged(expected).failures).toEqual([]));
});

describe('does not hold, and says what is there', () => {
  it.each<[Expectation, string]>([
    [{ value: kept('alice', 'vcpu', 'rax'), is: 1 }, 'Alice’s RAX is 0x8000001f.'],
    [{ value: kept('alice', 'vmsa', 'r15'), isNot: SECRET }, `R15 in Alice’s VMSA is ${SECRET}.`],
    [{ value: kept('bob', 'xen', 'r15'), is: 0 }, `Bob’s R15 as Xen finds it is ${SECRET}.`],
    [
      { value: kept('alice', 'ghcb', 'rax'), marked: false },
      'RAX in Alice’s GHCB is 0x8000001f, marked valid.',
    ],
    [{ value: kept('bob', 'vmcb', 'asid'), marked: true }, 'asid in Bob’s VMCB is 0xa.'],
    [{ value: kept('bob', 'vmsa', 'rax'), is: 0 }, 'Bob has no VMSA: it is no guest with SEV-ES.'],
    [{ value: kept('bob', 'ghcb', 'rax'), is: 0 }, 'Bob has made no GHCB for vCPU 0.'],
    [{ value: { ...kept('bob', 'vcpu', 'rax'), vcpu: 1 }, is: 0 }, 'Bob has no vCPU 1.'],
    [{ value: kept('carol', 'vcpu', 'rax'), is: 0 }, 'There is no guest named carol.'],
    [{ value: kept('bob', 'vcpu', 'rip'), is: 'label(bob, off)' }, 'Bob’s program has no label “off”.'],
    [{ value: kept('bob', 'vcpu', 'rax'), is: 'carol:x' }, 'There is no guest named carol.'],
    [{ look: { who: 'xen', at: 'checksum(bob)' }, is: 'refused' }, 'Bob has no VMSA'],
    [{ look: { who: 'xen', at: 'vmsa(alice, 2)' }, is: 'refused' }, 'Alice has no vCPU 2.'],
  ])('%j', (expected, says) => expect(judged(expected).failures.join()).toContain(says));
});

describe('a value of a register in an action', () => {
  const resolved = (value: string) =>
    resolveAction(platform, { type: 'xen.set-register', guest: 'bob', register: 'rip', value }, () => '');

  it('is written out or an expression', () => {
    expect(resolved('0x10')).toMatchObject({ ok: true, value: { value: '0x10' } });
    expect(resolved('face')).toMatchObject({ ok: true, value: { value: 'face' } });
    expect(resolved('spa(bob:ask) + 0x10')).toMatchObject({ value: { value: '0x208010' } });
    expect(resolved('bob:nothing')).toMatchObject({ ok: false });
  });
});
