import { type ActionDefinition, defineAction, type Progress } from '../core/action';
import { type Outcome, ok, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { capital } from '../core/words';
import { z } from '../core/zod';
import type { Vcpu } from './memory';
import { hasVcpu, readyVcpu } from './ready';
import { loadProgram, PROGRAM_RULES } from './run/load';
import { runOn, untilEnd } from './run/run';
import { startVcpu } from './vc/start';
import { needsGuest, runningGuest, suggestPlace, withGuest } from './withGuest';

/** What a guest runs: programs, their steps and breakpoints, and how its kernel handles #VC. */

const EXAMPLE = `; asks which processor this is
mov eax, 0x8000001f
xor ecx, ecx
cpuid
hlt`;

const vcpu = z.optional(field.count('which vCPU, 0 by default', 0, 127));

/** A vCPU that can run, of a guest with a program. */
export function withProgram(p: Platform, name: string, number: number): Outcome<Vcpu> {
  const domain = runningGuest(p, name);
  if (!domain.ok) return domain;
  if (p.state.cell('guest', domain.value.id)?.program) return readyVcpu(p, domain.value, number);
  return refuse(
    PROGRAM_RULES.none,
    'refused',
    `${domain.value.name} has no program.`,
    { guest: name },
    'guest.program.',
  );
}

const program = defineAction({
  type: 'guest.program',
  actor: 'guest',
  title: 'Load a program',
  help: 'The guest assembles a program into private pages of its own; the vCPU stands at its first line. The local APIC lies at 0x7f00fee00000.',
  schema: z.strictObject({
    type: z.literal('guest.program'),
    guest: field.guest(),
    text: field.lines('assembly, a line an instruction', 16384),
    name: z.optional(field.text('what it is called', 32)),
    vcpu,
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, name }) => `${capital(guest)} loads ${name ?? 'a program'}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, text: EXAMPLE, name: 'ask' }),
  run: (p, { guest, text, name, vcpu: number }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const found = readyVcpu(p, domain, number ?? 0);
      if (!found.ok) return found;
      const loaded = loadProgram(p, found.value, text, name ?? 'program');
      return loaded.ok ? ok({ at: loaded.value.address, length: loaded.value.length }) : loaded;
    }),
});

const step = defineAction({
  type: 'guest.step',
  actor: 'guest',
  title: 'Step a program',
  help: 'Runs one instruction, or as many as are asked for, with every exit that follows from it.',
  schema: z.strictObject({
    type: z.literal('guest.step'),
    guest: field.guest(),
    vcpu,
    count: z.optional(field.count('how many instructions, 1 by default', 1, 4095)),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, count }) =>
    count === undefined || count === 1
      ? `${capital(guest)} runs one instruction`
      : `${capital(guest)} runs ${count} instructions`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest }),
  run: function* (p, { guest, vcpu: number, count }): Generator<Progress, Outcome<Json>> {
    const found = withProgram(p, guest, number ?? 0);
    return found.ok ? yield* runOn(p, found.value, count ?? 1) : found;
  },
});

const go = defineAction({
  type: 'guest.continue',
  actor: 'guest',
  title: 'Run a program',
  help: 'Runs until the program ends, faults or reaches a breakpoint.',
  schema: z.strictObject({ type: z.literal('guest.continue'), guest: field.guest(), vcpu }),
  who: ({ guest }) => guest,
  describe: ({ guest }) => `${capital(guest)} runs on`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest }),
  run: function* (p, { guest, vcpu: number }): Generator<Progress, Outcome<Json>> {
    const found = withProgram(p, guest, number ?? 0);
    return found.ok ? yield* untilEnd(p, found.value) : found;
  },
});

const breakpoint = defineAction({
  type: 'guest.break',
  actor: 'guest',
  title: 'Set a breakpoint',
  help: 'The program stops before this line.',
  schema: z.strictObject({
    type: z.literal('guest.break'),
    guest: field.guest(),
    line: field.count('line of the program', 1, 512),
    on: field.flag('set, or taken away'),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, line, on }) =>
    `${capital(guest)}: ${on ? 'a breakpoint' : 'no breakpoint'} at line ${line}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, line: 1, on: true }),
  run: (p, { guest, line, on }) => {
    const found = withProgram(p, guest, 0);
    if (!found.ok) return found;
    const { id } = found.value.domain;
    const loaded = p.state.need('guest', id).program;
    if (!loaded) return ok(null);
    const others = loaded.breaks.filter((each) => each !== line);
    const breaks = on ? [...others, line].sort((a, b) => a - b) : others;
    p.trace.patch('guest', id, { program: { ...loaded, breaks } });
    return ok({ breaks });
  },
});

const handler = defineAction({
  type: 'guest.handler',
  actor: 'guest',
  title: 'Choose the #VC handler',
  help: 'Whether the kernel checks what the hypervisor answers, whether it reveals only what a request needs, and whom it asks about the processor.',
  schema: z.strictObject({
    type: z.literal('guest.handler'),
    guest: field.guest(),
    checks: field.flag('check every answer before it is used'),
    shares: field.choice('which registers go into the GHCB', ['needed', 'everything']),
    cpuid: z.optional(
      field.choice('whom an SNP guest asks about the processor: its CPUID page by default', [
        'page',
        'hypervisor',
      ]),
    ),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, checks, shares }) =>
    `${capital(guest)}’s #VC handler ${checks ? 'checks answers' : 'trusts every answer'} and shares ${shares === 'needed' ? 'what is needed' : 'everything'}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, checks: false, shares: 'needed' }),
  run: (p, { guest, checks, shares, cpuid }) =>
    withGuest(p, guest, ({ id }) => {
      p.trace.patch('guest', id, { handler: { checks, shares, ...(cpuid && { cpuid }) } });
      return ok(null);
    }),
});

const startAp = defineAction({
  type: 'guest.start-ap',
  actor: 'guest',
  title: 'Start another vCPU',
  help: 'The first vCPU sends INIT and a startup interrupt; with SEV-ES the new one takes its address from the AP jump table.',
  schema: z.strictObject({
    type: z.literal('guest.start-ap'),
    guest: field.guest(),
    vcpu: field.count('which vCPU', 1, 127),
    at: z.optional(field.address('guest virtual address at which it begins; the program by default')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, vcpu: number }) => `${capital(guest)} starts vCPU ${number}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, vcpu: 1 }),
  run: (p, { guest, vcpu: number, at }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const there = hasVcpu(domain, number);
      if (!there.ok) return there;
      const begun = startVcpu(p, domain, number, at);
      return begun.ok ? ok({ at: begun.value }) : begun;
    }),
});

export const PROGRAM_ACTIONS: readonly ActionDefinition[] = [
  program,
  step,
  go,
  breakpoint,
  handler,
  startAp,
] as unknown as readonly ActionDefinition[];
