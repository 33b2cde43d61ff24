import { describe, expect, it } from 'vitest';
import type { FactChange } from '../core/change';
import type { JsonObject } from '../core/json';
import { OWNER_GUEST } from '../core/page';
import { RESET_REGISTERS, type RegisterName, registerBytes } from '../core/registers';
import { EVENT_TYPES } from '../cpu/eventInj';
import { EXIT, exitName, VECTORS } from '../cpu/exits';
import { ControlFlow } from './controlFlow';

const AT = { domain: 1, vcpu: 0, vmpl: 0 };
const RIP = 0x1000n;

type Set = Partial<Record<RegisterName, bigint>>;
const registers = (set: Set = {}): Uint8Array => registerBytes({ ...RESET_REGISTERS, rip: RIP, ...set });
const note = (data: JsonObject, bytes: Uint8Array | null): FactChange => ({
  store: 'fact',
  what: 'note',
  data: { ...AT, ...data },
  rule: null,
  bytes,
});

/** The vCPU leaves, is entered, gets an event, its kernel is done with it. */
const left = (code: number, more: JsonObject = {}, set: Set = {}): FactChange =>
  note({ what: 'left', code, next: null, es: false, ...more }, registers(set));
const entered = (set: Set = {}, more: JsonObject = {}): FactChange =>
  note({ what: 'entered', ...more }, registers(set));
const event = (type: number, vector: number, more: JsonObject = {}): FactChange =>
  note({ what: 'event', type, vector, errorCode: null, by: 'VMCB', ...more }, null);
const handled = (set: Set = {}, more: JsonObject = {}): FactChange =>
  note({ what: 'event handled', ...more }, registers(set));

function judged(...changes: readonly FactChange[]): string[] {
  const monitor = new ControlFlow();
  for (const [index, change] of changes.entries()) monitor.fold(change, index);
  return monitor.violations.map(({ sentence }) => sentence);
}

const UD = [EVENT_TYPES.exception, 6] as const;
const INT80 = [EVENT_TYPES.software, 0x80] as const;
const NO_CAUSE = 'which no instruction of it had raised.';

describe('an event that only an instruction can cause', () => {
  it.each([
    ['an exception', UD],
    ['a software interrupt', INT80],
  ])('%s may follow an exit of the instruction’s own, where Xen holds the registers', (_, [type, vector]) => {
    expect(judged(left(EXIT.CPUID), event(type, vector))).toEqual([]);
    expect(judged(left(EXIT.HLT), event(type, vector))).toEqual([]);
  });

  it.each([
    ['an exception', UD],
    ['a software interrupt', INT80],
  ])('%s has no cause behind an exit from outside, nor before the first', (_, [type, vector]) => {
    const broken = [`A guest got event ${vector}, ${NO_CAUSE}`];
    expect(judged(event(type, vector))).toEqual(broken);
    for (const code of [EXIT.INTR, EXIT.NMI, EXIT.SMI, EXIT.INIT, EXIT.VINTR])
      expect(judged(left(code), event(type, vector)), exitName(code)).toEqual(broken);
  });

  it('has none with SEV-ES, whatever the exit: the guest’s own #VC handler raises what its instruction asks for', () => {
    expect(judged(left(EXIT.CPUID, { es: true }), event(...UD))).toHaveLength(1);
    expect(judged(left(EXIT.CPUID, { es: true }), event(...INT80))).toHaveLength(1);
  });

  it.each<JsonObject>([{ vcpu: 1 }, { vmpl: 1 }, { domain: 2 }])(
    'has none in an exit of another: %o',
    (other) => {
      expect(judged(left(EXIT.CPUID, other), event(...UD))).toHaveLength(1);
      expect(judged(left(EXIT.CPUID, other), event(...UD, other))).toEqual([]);
    },
  );

  it('is the guest’s own when it comes from its VMSA: a level above has raised it', () => {
    expect(judged(left(EXIT.INTR, { es: true }), event(...UD, { by: 'VMSA' }))).toEqual([]);
  });

  it.each([
    ['an interrupt', EVENT_TYPES.interrupt, 0x40],
    ['an NMI', EVENT_TYPES.nmi, 2],
    ['#HV', EVENT_TYPES.exception, VECTORS.HV],
  ])('%s is none: it may come at any time', (_, type, vector) => {
    for (const es of [false, true]) {
      expect(judged(left(EXIT.INTR, { es }), event(type, vector))).toEqual([]);
      expect(judged(event(type, vector))).toEqual([]);
    }
  });
});

describe('behind an interrupt', () => {
  const interrupt = event(EVENT_TYPES.interrupt, 0x80);

  it('the registers are those with which the vCPU was entered', () => {
    expect(judged(interrupt, entered({ rax: 7n }), handled({ rax: 7n }))).toEqual([]);
    for (const name of ['rax', 'rsp', 'r15', 'rip'] as const)
      expect(judged(interrupt, entered(), handled({ [name]: 0x99n }))).toEqual([
        `A guest comes back from interrupt 128 with another ${name.toUpperCase()}.`,
      ]);
  });

  it('that entry is the first behind the delivery, however often the handler leaves', () => {
    const play = [interrupt, entered({ rax: 1n }), left(EXIT.CPUID, {}, { rax: 5n }), entered({ rax: 5n })];
    expect(judged(...play, handled({ rax: 1n }))).toEqual([]);
    expect(judged(...play, handled({ rax: 5n }))).toHaveLength(1);
  });

  it('of another vCPU says nothing', () => {
    expect(judged(interrupt, entered(), handled({ rax: 1n }, { vcpu: 1 }))).toEqual([]);
  });

  it('nothing is said of one that was not entered, that is done, or that another event has replaced', () => {
    expect(judged(interrupt, handled({ rax: 1n }))).toEqual([]);
    expect(judged(interrupt, entered(), handled(), handled({ rax: 1n }))).toEqual([]);
    const passedOn = [left(EXIT.CPUID), event(...UD)];
    expect(judged(interrupt, entered(), ...passedOn, handled({ rax: 1n }))).toEqual([]);
  });
});

describe('where a vCPU goes on', () => {
  const goesOn = (exit: FactChange, set: Set): string[] => judged(exit, entered(set));
  const next = { next: (RIP + 2n).toString(16) };

  it('is behind the instruction of the exit, or where it stopped; nowhere else', () => {
    expect(goesOn(left(EXIT.CPUID, next), { rip: RIP })).toEqual([]);
    expect(goesOn(left(EXIT.CPUID, next), { rip: RIP + 2n })).toEqual([]);
    expect(goesOn(left(EXIT.CPUID, next), { rip: RIP + 3n })).toEqual([
      'A guest goes on with another RIP than it had when it stopped for CPUID.',
    ]);
    expect(goesOn(left(EXIT.INTR), { rip: RIP + 2n })).toHaveLength(1);
  });

  it('is up to 15 bytes further behind a nested page fault, which names no next instruction', () => {
    expect(goesOn(left(EXIT.NPF), { rip: RIP + 15n })).toEqual([]);
    expect(goesOn(left(EXIT.NPF), { rip: RIP + 16n })).toHaveLength(1);
    expect(goesOn(left(EXIT.NPF), { rip: RIP - 1n })).toHaveLength(1);
  });

  it('with the registers that it had, but for those in which the exit is answered', () => {
    expect(goesOn(left(EXIT.CPUID, next), { rax: 1n, rbx: 1n, rcx: 1n, rdx: 1n })).toEqual([]);
    expect(goesOn(left(EXIT.CPUID, next), { rsi: 1n })).toHaveLength(1);
    expect(goesOn(left(EXIT.HLT), { rax: 1n })).toHaveLength(1);
    expect(goesOn(left(EXIT.NPF), { r8: 1n })).toEqual([]);
    expect(goesOn(left(EXIT.NPF), { rsp: 1n })).toHaveLength(1);
  });

  it('with SEV-ES nothing may differ', () => {
    const es = { ...next, es: true };
    expect(goesOn(left(EXIT.CPUID, es), {})).toEqual([]);
    expect(goesOn(left(EXIT.CPUID, es), { rax: 1n })).toHaveLength(1);
    expect(goesOn(left(EXIT.CPUID, es), { rip: RIP + 2n })).toHaveLength(1);
    expect(goesOn(left(EXIT.NPF, { es: true }), { rip: RIP + 2n })).toHaveLength(1);
  });
});

describe('a return', () => {
  const access = (
    what: 'saw' | 'wrote',
    gpa: number,
    bytes: readonly number[],
    more: JsonObject = {},
  ): FactChange => ({
    store: 'fact',
    what,
    data: {
      actor: 'alice',
      principal: OWNER_GUEST + 1,
      address: gpa,
      gpa,
      spa: gpa,
      length: bytes.length,
      private: true,
      ...more,
    },
    rule: null,
    bytes: Uint8Array.from(bytes),
  });
  const CODE = 0x1000;
  const STACK = 0x2ff8;
  const address = (low: number) => [low, 0x10, 0, 0, 0, 0, 0, 0];
  const code = (opcode: number) => [
    access('wrote', CODE, [opcode]),
    access('wrote', STACK, address(7)),
    access('saw', CODE, [opcode], { fetched: true }),
  ];

  it('takes the address that a call has left on the stack', () => {
    expect(judged(...code(0xc3), access('saw', STACK, address(7)))).toEqual([]);
  });

  it('takes no other one from private memory', () => {
    const taken = access('saw', STACK, address(3));
    expect(judged(...code(0xc3), taken)).toEqual([
      'Alice returned to an address, taken from 0x2ff8, that it had not put there.',
    ]);
    expect(judged(...code(0x58), taken), 'POP RAX').toEqual([]);
    expect(judged(...code(0xc3), access('saw', STACK, address(7)), taken), 'a later load').toEqual([]);
    expect(judged(...code(0xc3), access('saw', STACK, address(3), { private: false })), 'shared').toEqual([]);
  });
});
