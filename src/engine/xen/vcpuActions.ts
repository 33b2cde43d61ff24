import { type ActionDefinition, defineAction } from '../core/action';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { GPRS } from '../core/registers';
import { z } from '../core/zod';
import { EXIT } from '../cpu/exits';
import { GHCB_FIELD_NAMES } from '../cpu/ghcb/layout';
import { setIntercepts } from '../cpu/intercepts';
import { readVmcb, writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { livingDomains } from './domains';
import { foundRegister, putRegisters } from './exits/found';
import { patchVcpus, vcpusOf } from './exits/vcpus';
import { needsGuest, withVcpu } from './named';
import { leaveGuest } from './stub';

/** What a hypervisor can do to a vCPU: intercept, change what it finds of its registers, and lie to it. */

/** Events that the VMCB can ask for and that a guest’s program can cause here. */
const EVENTS = [
  'CPUID',
  'RDTSC',
  'RDTSCP',
  'RDPMC',
  'MSR',
  'IOIO',
  'HLT',
  'PAUSE',
  'VMMCALL',
  'INVD',
  'WBINVD',
  'MONITOR',
  'MWAIT',
  'XSETBV',
  'DR7_READ',
  'DR7_WRITE',
] as const;

const REGISTERS = [...GPRS, 'rip', 'rflags'] as const;

const VCPU_RULES = {
  value: {
    id: 'xen.register-value',
    says: 'A register takes up to 64 bits, written in hexadecimal.',
    source: 'APM vol. 1 §3.1',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const vcpu = z.optional(field.count('which of its vCPUs, 0 by default', 0, 127));
const value = field.value('up to 64 bits in hexadecimal, such as 0x1234');

const firstGuest = (p: Platform): string => livingDomains(p)[0]?.name ?? '';

/** The domain, with the vCPU off its core, so that what is in memory counts. */
const stopped = (
  p: Platform,
  name: string,
  number: number,
  body: (domain: DomainCell) => Outcome<Json>,
): Outcome<Json> =>
  withVcpu(p, name, number, (domain) => {
    for (let core = 0; core < p.state.tlbs.length; core++) {
      const running = p.state.need('core', core);
      if (running.domain === domain.id && running.vcpu === number) leaveGuest(p, core, { code: EXIT.INTR });
    }
    return body(domain);
  });

function parsed(text: string): Outcome<bigint> {
  if (/^(0x)?[0-9a-f]{1,16}$/i.test(text)) return ok(BigInt(text.startsWith('0x') ? text : `0x${text}`));
  return refuse(
    VCPU_RULES.value,
    'refused',
    `“${text}” is no value of a register.`,
    { value: text },
    '0x followed by up to 16 digits.',
  );
}

const intercept = defineAction({
  type: 'xen.intercept',
  actor: 'hypervisor',
  title: 'Intercept an instruction',
  help: 'Sets or clears a bit of the VMCB’s intercept vectors. CPUID and ports count as intercepted in a guest with SEV-ES anyway.',
  schema: z.strictObject({
    type: z.literal('xen.intercept'),
    guest: field.guest(),
    event: field.choice('which event', EVENTS),
    on: field.flag('intercept it'),
    vcpu,
  }),
  who: () => 'xen',
  describe: ({ guest, event, on }) => `Xen ${on ? 'intercepts' : 'does not intercept'} ${event} of ${guest}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: firstGuest(p), event: 'RDTSC', on: true }),
  run: (p, { guest, event, on, vcpu: number }) =>
    stopped(p, guest, number ?? 0, (domain) => {
      setIntercepts(p, 0, vmcbOf(domain, number ?? 0), [EXIT[event]], on);
      return ok(null);
    }),
});

const setRegister = defineAction({
  type: 'xen.set-register',
  actor: 'hypervisor',
  title: 'Change a guest’s register',
  help: 'Writes where Xen finds a register of a vCPU: the VMCB, or its own copy. With SEV-ES hardware looks at neither.',
  schema: z.strictObject({
    type: z.literal('xen.set-register'),
    guest: field.guest(),
    register: field.choice('which register', REGISTERS),
    value,
    vcpu,
  }),
  who: () => 'xen',
  describe: ({ guest, register, value: wanted }) =>
    `Xen sets ${guest}’s ${register.toUpperCase()} to ${wanted}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: firstGuest(p), register: 'rax', value: '0x1' }),
  run: (p, { guest, register, value: text, vcpu: number }) =>
    stopped(p, guest, number ?? 0, (domain) => {
      const wanted = parsed(text);
      if (!wanted.ok) return wanted;
      const place = { domain, vcpu: number ?? 0, complex: 0 };
      const vmcb = vmcbOf(domain, place.vcpu);
      if (register === 'rip' || register === 'rflags') {
        const before = readVmcb(p, 0, vmcb, register);
        writeVmcb(p, 0, vmcb, register, wanted.value, OWNER_HYPERVISOR);
        return ok({ before: `0x${before.toString(16)}` });
      }
      const before = foundRegister(p, place, register);
      putRegisters(p, place, { [register]: wanted.value });
      return ok({ before: `0x${before.toString(16)}` });
    }),
});

const LIES_ABOUT = {
  CPUID: EXIT.CPUID,
  MSR: EXIT.MSR,
  IOIO: EXIT.IOIO,
  RDTSC: EXIT.RDTSC,
  RDTSCP: EXIT.RDTSCP,
  VMMCALL: EXIT.VMMCALL,
  MMIO_READ: 0x8000_0001,
} as const;

/** Lies that a hypervisor keeps ready. */
const MOST_LIES = 32;

const lie = defineAction({
  type: 'xen.lie',
  actor: 'hypervisor',
  title: 'Lie to a guest',
  help: 'From now on Xen answers this kind of request with a value of its choice, does not mark the field valid, or tells the truth again. Of MMIO_READ, rax is what a load from a device gets.',
  schema: z.strictObject({
    type: z.literal('xen.lie'),
    guest: field.guest(),
    exit: field.choice('about what', Object.keys(LIES_ABOUT) as [keyof typeof LIES_ABOUT]),
    field: field.choice(
      'which register or field of the answer',
      GHCB_FIELD_NAMES as [(typeof GHCB_FIELD_NAMES)[number]],
    ),
    how: field.choice('a value, not marked valid, or the truth', ['value', 'invalid', 'truth']),
    value: z.optional(value),
  }),
  who: () => 'xen',
  describe: ({ guest, exit, field: name, how }) =>
    how === 'truth'
      ? `Xen tells ${guest} the truth about ${exit}`
      : `Xen lies to ${guest} about ${exit}: ${name}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: firstGuest(p), exit: 'CPUID', field: 'rax', how: 'value', value: '0x0' }),
  run: (p, { guest, exit, field: name, how, value: text }) =>
    stopped(p, guest, 0, (domain) => {
      const wanted = how === 'value' ? parsed(text ?? '0') : ok(0n);
      if (!wanted.ok) return wanted;
      const code = LIES_ABOUT[exit];
      const others = vcpusOf(p, domain).lies.filter((each) => each.exit !== code || each.field !== name);
      const told = { exit: code, field: name, value: how === 'value' ? wanted.value.toString(16) : null };
      patchVcpus(p, domain, { lies: how === 'truth' ? others : [...others, told].slice(-MOST_LIES) });
      return ok(null);
    }),
});

export const VCPU_ACTIONS: readonly ActionDefinition[] = [
  intercept,
  setRegister,
  lie,
] as unknown as readonly ActionDefinition[];
