import { describe, expect, it } from 'vitest';
import { readVmsa, vmsaRegisters } from '../cpu/vmsa';
import { Bench } from '../testing/bench';
import { vmsaOf } from '../xen/levels';

const SNP = { technology: 'sev-snp', generation: 'turin' } as const;

/** Alice with a program that stands at its first line. */
function alice(text: string, { extra = '', checks = true, machine = SNP as object } = {}) {
  const bench = new Bench(machine);
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `memory=1 ${extra}` });
  bench.done({ type: 'guest.handler', guest: 'alice', checks, shares: 'needed' });
  const { at } = bench.done({ type: 'guest.program', guest: 'alice', text });
  return { bench, at: Number(at) };
}

const inject = (fields: object) => ({ type: 'host.inject', guest: 'alice', ...fields });
const go = { type: 'guest.continue', guest: 'alice' };
const create = (fields: object) => ({ type: 'guest.create-vmsa', guest: 'alice', vmpl: 0, ...fields });
const run = (vmpl: number) => ({ type: 'guest.run-vmpl', guest: 'alice', vmpl });
/** A register of the first vCPU: on its core, or else in its VMSA. */
function register(bench: Bench, name: 'rax' | 'rip'): bigint {
  const { machine, state } = bench;
  const domain = bench.domain('alice');
  if (state.need('core', domain.core).domain === domain.id)
    return BigInt(`0x${state.need('registers', domain.core)[name]}`);
  return vmsaRegisters(readVmsa(machine, 0, vmsaOf(machine, domain, 0) ?? 0, domain.asid))[name];
}
const fault = (outcome: ReturnType<Bench['perform']>) =>
  outcome.ok ? null : [outcome.fault.name, outcome.fault.rule.id];

describe('an event that Xen injects', () => {
  it('as an interrupt of a device is acknowledged, and the program goes on', () => {
    const { bench } = alice('mov eax, 7\nhlt');
    expect(bench.done(inject({ kind: 'interrupt', vector: 0x40 }))).toEqual({
      delivered: true,
      vector: 0x40,
      by: 'kernel',
      did: 'acknowledged',
    });
    expect(bench.done(go)).toMatchObject({ stopped: 'HLT' });
    expect(register(bench, 'rax')).toBe(7n);
  });

  it.each([
    [false, 'made a system call', 2n ** 64n - 38n],
    [true, 'ignored', 5n],
  ])(
    'as vector 0x80 changes RAX of a kernel that takes it for a system call (checks: %s)',
    (checks, did, rax) => {
      const { bench } = alice('mov eax, 5\nnop\nhlt', { checks });
      bench.done({ type: 'guest.step', guest: 'alice' });
      expect(bench.done(inject({ kind: 'interrupt', vector: 0x80 }))).toMatchObject({ did });
      expect(register(bench, 'rax')).toBe(rax);
    },
  );

  it('as #VC has a careless kernel do what no instruction asked for, and a careful one end itself', () => {
    const text = 'mov eax, 5\nadd eax, 1\nhlt';
    const attacked = alice(text, { checks: false });
    attacked.bench.done({ type: 'guest.step', guest: 'alice' });
    attacked.bench.done({
      type: 'xen.lie',
      guest: 'alice',
      exit: 'VMMCALL',
      field: 'rax',
      how: 'value',
      value: '0x1234',
    });
    const before = register(attacked.bench, 'rip');
    attacked.bench.done(inject({ kind: 'exception', vector: 29, error: 0x81 }));
    expect(register(attacked.bench, 'rax')).toBe(0x1234n);
    expect(register(attacked.bench, 'rip')).toBeGreaterThan(before);
    const careful = alice(text);
    careful.bench.done({ type: 'guest.step', guest: 'alice' });
    const outcome = careful.bench.perform(inject({ kind: 'exception', vector: 29, error: 0x81 }));
    expect(fault(outcome)).toEqual(['shutdown', 'ghcb.terminated']);
  });

  it('as an exception runs the handler that the program has installed, which goes back with IRETQ', () => {
    const { bench, at } = alice('mov eax, 1\nadd eax, 1\nhlt\nhandler: add eax, 100\niretq');
    const bytes = bench.state.need('guest', 1).program?.lines ?? [];
    const handler = at + (bytes.find(({ line }) => line === 4)?.offset ?? 0);
    bench.done({ type: 'guest.step', guest: 'alice' });
    expect(fault(bench.perform(inject({ kind: 'exception', vector: 0 })))).toEqual([
      '#0',
      'guest.event-unhandled',
    ]);
    bench.done({ type: 'guest.on-event', guest: 'alice', vector: 0, at: handler });
    expect(bench.done(inject({ kind: 'exception', vector: 0 }))).toMatchObject({ by: 'program' });
    expect(bench.done(go)).toMatchObject({ stopped: 'HLT' });
    expect(register(bench, 'rax')).toBe(102n);
  });

  it.each([
    [{ kind: 'software', vector: 0x80 }, 'vmrun.es-injection'],
    [{ kind: 'exception', vector: 3 }, 'vmrun.es-injection'],
    [{ kind: 'exception', vector: 40 }, 'vmrun.event-type'],
  ])('%j is refused by VMRUN, and the guest runs on without it', (event, rule) => {
    const { bench } = alice('hlt');
    expect(fault(bench.perform(inject(event)))).toEqual(['VMEXIT_INVALID', rule]);
    expect(bench.done(go)).toMatchObject({ stopped: 'HLT' });
  });

  it('as a software interrupt enters a guest without SEV-ES', () => {
    const { bench } = alice('hlt', { extra: 'coco=0', checks: false });
    expect(bench.done(inject({ kind: 'software', vector: 0x80 }))).toMatchObject({
      did: 'made a system call',
    });
  });
});

describe('RestrictedInjection', () => {
  const restricted = () => {
    const made = alice('hlt');
    made.bench.done(create({ injection: 'restricted' }));
    made.bench.done(run(0));
    return made.bench;
  };

  it.each([
    { kind: 'interrupt', vector: 0x80 },
    { kind: 'nmi', vector: 2 },
    { kind: 'exception', vector: 29, error: 0x81 },
    { kind: 'exception', vector: 28, error: 1 },
  ])('has VMRUN refuse %j', (event) => {
    expect(fault(restricted().perform(inject(event)))).toEqual([
      'VMEXIT_INVALID',
      'vmrun.restricted-injection',
    ]);
  });

  it('lets #HV in, which looks into the doorbell page', () => {
    const bench = restricted();
    expect(bench.refused(inject({ kind: 'interrupt', vector: 0x40, through: 'doorbell' }))).toBe(
      'xen.doorbell-none',
    );
    bench.done({ type: 'guest.doorbell', guest: 'alice' });
    expect(bench.done(inject({ kind: 'interrupt', vector: 0x40, through: 'doorbell' }))).toMatchObject({
      vector: 28,
      did: 'found vector 64 in the doorbell page',
    });
    expect(bench.done(inject({ kind: 'exception', vector: 28 }))).toMatchObject({ did: 'found nothing' });
  });
});

describe('AlternateInjection', () => {
  const alternate = () => {
    const { bench } = alice('hlt');
    for (let page = 0; page < 256; page++)
      if (!bench.state.need('guest', 1).shared.includes(page))
        bench.done({
          type: 'guest.rmpadjust',
          guest: 'alice',
          at: 0x7f0000000000 + page * 4096,
          vmpl: 2,
          read: true,
          write: true,
          user: true,
          supervisor: true,
        });
    bench.done(create({ vmpl: 2, injection: 'alternate' }));
    return bench;
  };

  it('takes what VMPL0 wrote into the VMSA of the lower level, once', () => {
    const bench = alternate();
    bench.done({ type: 'guest.inject', guest: 'alice', vmpl: 2, kind: 'interrupt', vector: 0x40 });
    expect(bench.done(run(2))).toMatchObject({ vmpl: 2, event: { vector: 0x40, did: 'acknowledged' } });
    bench.done(run(0));
    expect(bench.done(run(2))).toEqual({ vmpl: 2 });
  });

  it('ignores what Xen asks for', () => {
    const bench = alternate();
    bench.done(run(2));
    expect(bench.done(inject({ kind: 'interrupt', vector: 0x80 }))).toEqual({ delivered: false });
  });

  it('lets no level inject into itself or above: the VMSA is not its own to write', () => {
    const bench = alternate();
    bench.done(run(2));
    const outcome = bench.perform({
      type: 'guest.inject',
      guest: 'alice',
      vmpl: 2,
      kind: 'interrupt',
      vector: 0x40,
    });
    expect(fault(outcome)).toEqual(['#NPF', 'rmp.vmpl']);
  });
});

describe('care that the command line or SEV_FEATURES asks for', () => {
  const EIGHTY = inject({ kind: 'interrupt', vector: 0x80 });
  const VMMCALL = inject({ kind: 'exception', vector: 29, error: 0x81 });
  const begun = (extra: string) => {
    const { bench } = alice('mov eax, 5\nnop\nhlt', { checks: false, extra });
    bench.done({ type: 'guest.step', guest: 'alice' });
    return bench;
  };

  it.each(['ia32_emulation=off', 'console=hvc0 ia32_emulation=0'])(
    '%s makes vector 0x80 harmless',
    (words) => {
      const bench = begun(`cmdline="${words}"`);
      expect(bench.done(EIGHTY)).toMatchObject({ did: 'ignored' });
      expect(register(bench, 'rax')).toBe(5n);
    },
  );

  it('vc_opcodes=check ends a guest that has executed no VMMCALL', () => {
    expect(begun('cmdline="vc_opcodes=check"').refused(VMMCALL)).toBe('ghcb.terminated');
  });

  it('RestrictedInjection from the launch on has VMRUN refuse', () => {
    expect(begun('sev_features=0x8').refused(EIGHTY)).toBe('vmrun.restricted-injection');
  });

  it('AlternateInjection ignores what the VMCB asks for', () => {
    const bench = begun('sev_features=0x10');
    expect(bench.done(EIGHTY)).toEqual({ delivered: false });
    expect(register(bench, 'rax')).toBe(5n);
  });
});
