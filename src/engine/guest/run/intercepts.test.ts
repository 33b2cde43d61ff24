import { describe, expect, it } from 'vitest';
import { readU64 } from '../../core/bytes';
import { EXIT } from '../../cpu/exits';
import { GHCB_FIELDS } from '../../cpu/ghcb/layout';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { readVmcb } from '../../cpu/vmcb';
import type { Bench } from '../../testing/bench';
import { ghcbOf, KINDS, type Kind, withGuests } from '../../testing/programs';

type Event =
  | 'CPUID'
  | 'RDTSC'
  | 'RDTSCP'
  | 'RDPMC'
  | 'MSR'
  | 'IOIO'
  | 'HLT'
  | 'PAUSE'
  | 'VMMCALL'
  | 'INVD'
  | 'WBINVD'
  | 'MONITOR'
  | 'MWAIT'
  | 'XSETBV'
  | 'DR7_READ'
  | 'DR7_WRITE';

/** Every instruction of the guest CPU that a bit of the VMCB intercepts. */
const INSTRUCTIONS: readonly (readonly [event: Event, text: string])[] = [
  ['CPUID', 'cpuid'],
  ['RDTSC', 'rdtsc'],
  ['RDTSCP', 'rdtscp'],
  ['RDPMC', 'rdpmc'],
  ['MSR', 'rdmsr'],
  ['MSR', 'wrmsr'],
  ['IOIO', 'in al, dx'],
  ['IOIO', 'in eax, 0x60'],
  ['IOIO', 'out dx, ax'],
  ['HLT', 'hlt'],
  ['PAUSE', 'pause'],
  ['VMMCALL', 'vmmcall'],
  ['INVD', 'invd'],
  ['WBINVD', 'wbinvd'],
  ['MONITOR', 'monitor'],
  ['MWAIT', 'mwait'],
  ['XSETBV', 'xsetbv'],
  ['DR7_READ', 'mov rbx, dr7'],
  ['DR7_WRITE', 'mov dr7, rbx'],
];

/** What the hypervisor finds in the VMCB after its own interrupt. */
const UNTOUCHED = EXIT.INTR;

interface Stepped {
  /** EXITCODE of the VMCB after the instruction, and SW_EXITCODE of the GHCB. */
  readonly code: number;
  readonly asked: number;
  readonly path: unknown;
  readonly rule: string | null;
}

/** One instruction with RAX = 1, RBX = 0x400 and RCX = RDX = 0: operands that every one of them takes. */
function stepped(bench: Bench, guest: Kind, text: string): Stepped {
  const setup = ['xor ecx, ecx', 'xor edx, edx', 'mov eax, 1', 'mov ebx, 0x400'];
  bench.done({ type: 'guest.program', guest, text: [...setup, text, 'hlt'].join('\n') });
  bench.done({ type: 'guest.step', guest, count: setup.length });
  const { core, vmcbs } = bench.domain(guest);
  bench.done({ type: 'host.vmexit', core });
  const outcome = bench.perform({ type: 'guest.step', guest });
  const ghcb = guest === 'alice' ? bench.dram(bench.spaOf(guest, ghcbOf(bench, guest)), 4096) : null;
  return {
    code: Number(readVmcb(bench.machine, 0, vmcbs[0] ?? 0, 'exitCode')),
    asked: ghcb ? Number(readU64(ghcb, GHCB_FIELDS.swExitCode.offset)) : 0,
    path: outcome.ok ? (outcome.value as { path: string }).path : null,
    rule: outcome.ok ? null : outcome.fault.rule.id,
  };
}

/** The machines of these tests, with the bits of all events set or cleared. */
function machine(guest: Kind, events: readonly Event[], on: boolean): Bench {
  const bench = withGuests([guest]);
  for (const event of events) bench.done({ type: 'xen.intercept', guest, event, on });
  return bench;
}

/** Exits by themselves with SEV-ES. */
const AUTOMATIC: readonly Event[] = ['HLT', 'PAUSE'];
/** Count as intercepted with SEV-ES, whatever their bits say. */
const ALWAYS: readonly Event[] = ['CPUID', 'IOIO'];
/** Why an instruction does not go through. */
const REFUSED: Readonly<Record<Kind, Partial<Record<Event, string>>>> = {
  alice: {
    MSR: 'guest.exception-from-hypervisor',
    RDPMC: 'guest.exception-from-hypervisor',
    MONITOR: 'guest.exception-from-hypervisor',
    MWAIT: 'guest.exception-from-hypervisor',
    XSETBV: 'ghcb.terminated',
  },
  bob: {
    MSR: 'guest.injected',
    RDPMC: 'guest.injected',
    MONITOR: 'guest.injected',
    MWAIT: 'guest.injected',
  },
};

describe('with the bit set', () => {
  it.each(INSTRUCTIONS)('%s: %s leaves a guest with SEV and tells why', (event, text) => {
    const found = stepped(machine('bob', [event], true), 'bob', text);
    const rule = REFUSED.bob[event] ?? null;
    expect(found).toEqual({ code: EXIT[event], asked: 0, path: rule ? null : 'exit', rule });
  });

  it.each(INSTRUCTIONS)('%s: %s of a guest with SEV-ES is an automatic exit or #VC', (event, text) => {
    const found = stepped(machine('alice', [event], true), 'alice', text);
    const automatic = AUTOMATIC.includes(event);
    const rule = REFUSED.alice[event] ?? null;
    expect(found.rule).toBe(rule);
    expect(found.path).toBe(rule ? null : automatic ? 'exit' : '#VC');
    expect(found.code).toBe(automatic ? EXIT[event] : EXIT.VMGEXIT);
    if (event === 'XSETBV') expect(found.asked).toBe(SOFTWARE_EVENT.UNSUPPORTED);
    else if (!automatic) expect(found.asked).toBe(EXIT[event]);
  });
});

describe('with the bit clear', () => {
  /** What a core itself has to say: it keeps neither MSR 0 nor ports, and VMMCALL then is undefined. */
  const NATIVE: Partial<Record<Event, string>> = {
    MSR: 'cpu.msr',
    IOIO: 'cpu.ports',
    VMMCALL: 'cpu.vmmcall',
  };

  it.each(INSTRUCTIONS)('%s: %s is the core’s affair with SEV', (event, text) => {
    const found = stepped(machine('bob', [event], false), 'bob', text);
    const rule = NATIVE[event] ?? null;
    expect(found).toEqual({ code: UNTOUCHED, asked: 0, path: rule ? null : 'core', rule });
  });

  it.each(INSTRUCTIONS)('%s: %s with SEV-ES, too, but for CPUID and ports', (event, text) => {
    const found = stepped(machine('alice', [event], false), 'alice', text);
    if (ALWAYS.includes(event)) {
      expect(found).toEqual({ code: EXIT.VMGEXIT, asked: EXIT[event], path: '#VC', rule: null });
      return;
    }
    const rule = NATIVE[event] ?? null;
    expect(found).toMatchObject({ code: UNTOUCHED, path: rule ? null : 'core', rule });
  });
});

describe('without a bit', () => {
  const events = [...new Set(INSTRUCTIONS.map(([event]) => event))];

  it.each([true, false])('VMGEXIT leaves a guest with SEV-ES, all others intercepted: %s', (on) => {
    const found = stepped(machine('alice', events, on), 'alice', 'vmgexit');
    expect(found).toMatchObject({ code: EXIT.VMGEXIT, rule: 'ghcb.msr-unknown' });
  });

  it('its bytes are VMMCALL to a guest with SEV', () => {
    const found = stepped(machine('bob', ['VMMCALL'], true), 'bob', 'vmgexit');
    expect(found).toMatchObject({ code: EXIT.VMMCALL, path: 'exit' });
    expect(stepped(machine('bob', ['VMMCALL'], false), 'bob', 'vmgexit').rule).toBe('cpu.vmmcall');
  });

  it.each(KINDS)('nobody intercepts %s’s SEV_STATUS, and nobody writes it', (guest) => {
    const bench = machine(guest, events, true);
    const status = ['mov ecx, 0xc0010131', 'rdmsr'];
    bench.done({ type: 'guest.program', guest, text: [...status, 'wrmsr', 'hlt'].join('\n') });
    bench.done({ type: 'guest.step', guest });
    expect(bench.done({ type: 'guest.step', guest }).path).toBe('core');
    expect(bench.refused({ type: 'guest.step', guest })).toBe('cpu.msr');
  });
});
