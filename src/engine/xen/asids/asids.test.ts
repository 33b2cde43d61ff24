import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../vectors/asids.json';
import { freeIn, insert, without } from './bitmap';
import { type AsidEvent, GUEST_KINDS, type GuestKind, isEncrypted } from './events';
import { type FixedParams, type FixedState, fixed, startFixed } from './fixed';
import { kvm, startKvm } from './kvm';
import { type PerCpuParams, type PerCpuState, perCpu, startPerCpu } from './perCpu';
import { FALLBACK_ASID, firmwareRanges, xenRanges } from './ranges';

const CPUS = 3;
const cpu = fc.nat(CPUS - 1);
const domain = fc.integer({ min: 1, max: 4 });
const vcpu = fc.nat(1);

const running = fc.record({ event: fc.constantFrom('schedule', 'vmentry'), cpu, domain, vcpu });
const flush: fc.Arbitrary<AsidEvent> = fc.oneof(
  fc.record({ event: fc.constant('flushVcpu' as const), domain, vcpu }),
  fc.record({ event: fc.constant('flushCore' as const), cpu }),
  fc.record({ event: fc.constant('flushDomain' as const), domain }),
);
const perCpuEvents = fc.array(fc.oneof({ weight: 4, arbitrary: running }, flush), { maxLength: 80 });

const today = (params: Partial<PerCpuParams> = {}): PerCpuState =>
  startPerCpu({ asids: 5, cpus: CPUS, flushByAsid: true, enabled: true, wrapBug: false, ...params });

/** Which vCPU's translations a CPU's TLB may hold under each ASID. */
type Tlb = Map<number, Set<string>>;

/** Runs events and keeps the TLBs; tells each VMRUN at which a foreign translation is reachable. */
function reachable(start: PerCpuState, events: readonly AsidEvent[]): string[] {
  const tlbs: Tlb[] = Array.from({ length: CPUS }, () => new Map());
  const found: string[] = [];
  let state = start;
  for (const event of events) {
    const { state: after, vmcb } = perCpu(state, event);
    state = after;
    if (!vmcb || (event.event !== 'schedule' && event.event !== 'vmentry')) continue;
    const tlb = tlbs[event.cpu]!;
    if (vmcb.tlbControl === 'FLUSH_ALL') tlb.clear();
    if (vmcb.tlbControl === 'FLUSH_ASID') tlb.delete(vmcb.asid);
    const who = `d${event.domain}v${event.vcpu}`;
    const holders = tlb.get(vmcb.asid) ?? new Set();
    for (const other of holders) if (other !== who) found.push(`${who} reaches ${other} under ${vmcb.asid}`);
    tlb.set(vmcb.asid, holders.add(who));
  }
  return found;
}

describe('today’s allocator', () => {
  it('never lets a vCPU reach another’s translations: a number is flushed before it is used again', () => {
    fc.assert(
      fc.property(perCpuEvents, fc.integer({ min: 1, max: 6 }), fc.boolean(), (events, asids, enabled) => {
        expect(reachable(today({ asids, enabled }), events as AsidEvent[])).toEqual([]);
      }),
    );
  });

  it('did, with the defect of 2020 to 2025', () => {
    const events = [1, 2, 3, 1].map(
      (number): AsidEvent => ({ event: 'schedule', cpu: 0, domain: number, vcpu: 0 }),
    );
    expect(reachable(today({ asids: 3 }), events)).toEqual([]);
    expect(reachable(today({ asids: 3, wrapBug: true }), events)).toEqual(['d1v0 reaches d2v0 under 2']);
    expect(reachable(today({ asids: 3, wrapBug: true, flushByAsid: false }), events)).toEqual([]);
  });

  it('flushes nothing and keeps the number while the generation matches', () => {
    fc.assert(
      fc.property(perCpuEvents, cpu, (events, on) => {
        const state = events.reduce((left, event) => perCpu(left, event as AsidEvent).state, today());
        const entry = { cpu: on, domain: 1, vcpu: 0 };
        const first = perCpu(state, { event: 'schedule', ...entry });
        const again = perCpu(first.state, { event: 'vmentry', ...entry });
        expect(again.vmcb).toMatchObject({ asid: first.vmcb?.asid, tlbControl: 'NO_FLUSH' });
        expect(again.state.cores).toEqual(first.state.cores);
      }),
    );
  });

  it('hands out only numbers that the processor has, and counts them', () => {
    fc.assert(
      fc.property(perCpuEvents, fc.integer({ min: 2, max: 6 }), (events, asids) => {
        let state = today({ asids });
        let fresh = 0;
        for (const event of events as AsidEvent[]) {
          const { state: after, vmcb } = perCpu(state, event);
          if (vmcb) {
            expect(vmcb.asid).toBeGreaterThanOrEqual(1);
            expect(vmcb.asid).toBeLessThan(asids);
            fresh += after.counters.handedOut - state.counters.handedOut;
          }
          state = after;
        }
        expect(state.counters.handedOut).toBe(fresh);
        const generations = state.cores.reduce((sum, { generation }) => sum + generation - 1, 0);
        expect(state.counters.generations).toBe(generations);
        const { vmruns, flushAll, flushAsid } = state.counters;
        expect(flushAll + flushAsid).toBeLessThanOrEqual(vmruns);
      }),
    );
  });

  it('a change of the p2m makes numbers stale where the domain is loaded, and only there', () => {
    const loaded = [0, 1].reduce(
      (state, on) => perCpu(state, { event: 'schedule', cpu: on, domain: on + 1, vcpu: 0 }).state,
      today(),
    );
    const { state } = perCpu(loaded, { event: 'flushDomain', domain: 2 });
    expect(state.cores.map(({ generation }) => generation)).toEqual([2, 3, 1]);
    expect(perCpu(state, { event: 'destroyDomain', domain: 2 }).state.vcpus).not.toHaveProperty('d2v0');
  });

  it('gives ASIDs up on a CPU whose generations are used up', () => {
    const start = today();
    const core = { ...start.cores[0]!, generation: Number.MAX_SAFE_INTEGER };
    const state = { ...start, cores: start.cores.with(0, core) };
    const step = perCpu(state, { event: 'schedule', cpu: 0, domain: 1, vcpu: 0 });
    expect(step.vmcb).toMatchObject({ asid: 1, tlbControl: 'FLUSH_ASID' });
    expect(step.state.cores[0]).toMatchObject({ disabled: true, generation: 0 });
  });

  it('shows many numbers for one domain in the worked example', () => {
    const { steps, summary } = vectors.asidTraces[0]!;
    const digit = (name: string | undefined, at: number): number => Number(name?.at(at));
    const seen: number[] = [];
    steps.reduce((state, { event, args }) => {
      const { pcpu, vcpu: name } = args as { pcpu?: string; vcpu?: string };
      const where = { cpu: digit(pcpu, 1), domain: digit(name, 1), vcpu: digit(name, 3) };
      const step = perCpu(state, { event, ...where } as AsidEvent);
      if (step.vmcb && where.domain === 1) seen.push(step.vmcb.asid);
      return step.state;
    }, today());
    expect(seen).toEqual(summary?.asidsSeenByDomain1);
  });
});

const params: FixedParams = {
  asids: 12,
  maxSev: 8,
  minSev: 4,
  flushByAsid: true,
  enabled: true,
  plainMin: 9,
  leakEncrypted: false,
};

const kind = fc.constantFrom(...GUEST_KINDS);
const making = fc.oneof(
  fc.record({ event: fc.constant('createDomain' as const), domain, kind, vcpus: fc.constant(2) }),
  fc.record({ event: fc.constant('destroyDomain' as const), domain }),
);
const fixedEvents = fc.array(
  fc.oneof({ weight: 4, arbitrary: running }, { weight: 2, arbitrary: making }, flush),
  { maxLength: 80 },
);

/** Can it happen: is the domain there, or not yet there? */
function applies(state: FixedState, event: AsidEvent): boolean {
  if (event.event === 'flushCore') return true;
  return (event.event === 'createDomain') !== event.domain in state.domains;
}

function eachStep(
  start: FixedState,
  events: readonly AsidEvent[],
  check: (before: FixedState, event: AsidEvent, after: ReturnType<typeof fixed>) => void,
): FixedState {
  return events.reduce((state, event) => {
    if (!applies(state, event)) return state;
    const step = fixed(state, event);
    check(state, event, step);
    return step.state;
  }, start);
}

const anyParams = fc
  .record({
    asids: fc.integer({ min: 1, max: 12 }),
    maxSev: fc.nat(8),
    minSev: fc.nat(9),
    enabled: fc.boolean(),
  })
  .map((some): FixedParams => ({ ...params, ...some, plainMin: Math.max(2, some.maxSev + 1) }));

describe('the proposed allocator', () => {
  it('gives each living domain a number of its own, except the shared fallback', () => {
    fc.assert(
      fc.property(fixedEvents, anyParams, (events, given) => {
        eachStep(startFixed(given), events as AsidEvent[], (_, __, { state }) => {
          const own = Object.values(state.domains)
            .map(({ asid }) => asid)
            .filter((asid) => asid !== FALLBACK_ASID);
          expect(new Set(own).size).toBe(own.length);
          expect(own.every((asid) => asid < Math.max(given.asids, given.maxSev + 1))).toBe(true);
        });
      }),
    );
  });

  it('never changes a domain’s number, and runs every vCPU under it', () => {
    fc.assert(
      fc.property(fixedEvents, anyParams, (events, given) => {
        eachStep(startFixed(given), events as AsidEvent[], (before, event, { state, vmcb }) => {
          for (const [id, { asid }] of Object.entries(before.domains)) {
            if (id in state.domains) expect(state.domains[id]?.asid).toBe(asid);
          }
          if (vmcb && 'domain' in event) expect(vmcb.asid).toBe(state.domains[event.domain]?.asid);
        });
      }),
    );
  });

  it('gives encrypted guests a number that the firmware takes, never the fallback, or none at all', () => {
    fc.assert(
      fc.property(fixedEvents, anyParams, (events, given) => {
        const { sev, sevEsOrSnp } = firmwareRanges(given);
        eachStep(startFixed(given), events as AsidEvent[], (_, event, { created, firmware }) => {
          if (event.event !== 'createDomain' || !created || !isEncrypted(event.kind)) return;
          if ('error' in created) return expect(firmware).toEqual([]);
          const [first, last] = (event.kind === 'sev' ? sev : sevEsOrSnp)!;
          expect(created.asid).toBeGreaterThanOrEqual(Math.max(first, 2));
          expect(created.asid).toBeLessThanOrEqual(last);
          expect(firmware).toContainEqual({ command: 'ACTIVATE', asid: created.asid });
        });
      }),
    );
  });

  it('never lets a vCPU reach translations of another vCPU or of an earlier owner', () => {
    fc.assert(
      fc.property(fixedEvents, anyParams, (events, given) => {
        const tlbs: Tlb[] = Array.from({ length: CPUS }, () => new Map());
        let lives = 0;
        const life = new Map<number, number>();
        eachStep(startFixed(given), events as AsidEvent[], (_, event, { vmcb }) => {
          if (event.event === 'createDomain') life.set(event.domain, lives++);
          if (!vmcb || (event.event !== 'schedule' && event.event !== 'vmentry')) return;
          const tlb = tlbs[event.cpu]!;
          if (vmcb.tlbControl === 'FLUSH_ASID') tlb.delete(vmcb.asid);
          const who = `${life.get(event.domain)}v${event.vcpu}`;
          const holders = tlb.get(vmcb.asid) ?? new Set();
          tlb.set(vmcb.asid, holders.add(who));
          expect([...holders]).toEqual([who]);
        });
      }),
    );
  });

  it('gives an encrypted guest’s number back only after both flushes', () => {
    fc.assert(
      fc.property(fixedEvents, fc.boolean(), (events, leakEncrypted) => {
        const start = startFixed({ ...params, leakEncrypted });
        eachStep(start, events as AsidEvent[], (before, event, { state, firmware, freed }) => {
          if (event.event !== 'destroyDomain' || !isEncrypted(before.domains[event.domain]!.kind)) return;
          const commands = firmware.map(({ command }) => command);
          if (leakEncrypted) expect(commands).toEqual(['DEACTIVATE', 'DECOMMISSION']);
          else expect(commands).toEqual(['DEACTIVATE', 'WBINVD', 'DF_FLUSH', 'DECOMMISSION']);
          expect(freed === null).toBe(leakEncrypted);
          expect(state.taken.includes(before.domains[event.domain]!.asid)).toBe(leakEncrypted);
        });
      }),
    );
  });

  const create = (state: FixedState, number: number, made: GuestKind) =>
    fixed(state, { event: 'createDomain', domain: number, kind: made, vcpus: 1 });

  it('without ASIDs everybody shares number 1, and nobody can be encrypted', () => {
    const start = startFixed({ ...params, enabled: false });
    expect(create(start, 1, 'plain').created).toEqual({ asid: 1, shared: true });
    expect(create(start, 1, 'sev').created).toEqual({ error: 'ENOSPC' });
  });

  it('an ordinary guest takes a key slot’s number before it shares', () => {
    const full = [1, 2, 3].reduce(
      (state, number) => create(state, number, 'plain').state,
      startFixed(params),
    );
    expect(create(full, 4, 'plain').created).toEqual({ asid: 2, shared: false });
  });

  it('flushes the whole TLB where there is no FlushByAsid', () => {
    const { state } = create(startFixed({ ...params, flushByAsid: false }), 1, 'plain');
    const step = fixed(state, { event: 'schedule', cpu: 0, domain: 1, vcpu: 0 });
    expect(step.vmcb?.tlbControl).toBe('FLUSH_ALL');
  });

  it('refuses to be asked about what is not there', () => {
    const start = startFixed(params);
    expect(() => fixed(start, { event: 'destroyDomain', domain: 1 })).toThrow('no domain 1');
    expect(() => fixed(create(start, 1, 'sev').state, { event: 'flushVcpu', domain: 1, vcpu: 3 })).toThrow(
      'd1v3',
    );
    expect(() => create(create(start, 1, 'sev').state, 1, 'sev')).toThrow('already');
  });
});

it('KVM recycles only its own range, and flushes once for all', () => {
  const steps = [
    kvm(startKvm(1, 2), { event: 'create', vm: 'a', kind: 'sev' }),
    kvm(startKvm(0, 0), { event: 'create', vm: 'a', kind: 'sev' }),
    kvm(startKvm(4, 1), { event: 'create', vm: 'a', kind: 'sev-es' }),
  ];
  expect(steps.map(({ result }) => result)).toEqual([
    { error: 'ENOTTY' },
    { error: 'EINVAL' },
    { error: 'ENOTTY' },
  ]);
  const es = kvm(startKvm(3, 3), { event: 'create', vm: 'es', kind: 'sev-es' }).state;
  const sev = kvm(es, { event: 'create', vm: 'a', kind: 'sev' }).state;
  const freed = kvm(sev, { event: 'destroy', vm: 'es' }).state;
  expect(kvm(freed, { event: 'create', vm: 'b', kind: 'sev' }).result).toEqual({ error: 'EBUSY' });
});

it('the bitmap finds the lowest clear bit', () => {
  const bits = fc.uniqueArray(fc.nat(12)).map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(bits, fc.nat(12), fc.nat(12), (list, first, last) => {
      const clear = Array.from({ length: 13 }, (_, bit) => bit).find(
        (bit) => bit >= first && bit <= last && !list.includes(bit),
      );
      expect(freeIn(list, [first, last])).toBe(clear ?? null);
      expect(insert(list, first)).toEqual([...new Set([...list, first])].sort((a, b) => a - b));
      expect(without(list, first)).not.toContain(first);
    }),
  );
});

it('Xen’s ranges are the firmware’s without ASID 1', () => {
  expect(xenRanges({ asids: 16, maxSev: 8, minSev: 2 }).sevEsOrSnp).toBeNull();
  expect(firmwareRanges({ asids: 16, maxSev: 8, minSev: 2 }).sevEsOrSnp).toEqual([1, 1]);
});
