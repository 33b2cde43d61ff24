import { type ActionDefinition, defineAction } from '../core/action';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { hasVcpu, readyVcpu } from './ready';
import { takeEvent } from './run/event';
import { monitorOf } from './svsm/monitor';
import { serve } from './svsm/serve';
import { runVmpl, vmplOf } from './vc/level';
import { destroyVmsa, makeVmsa } from './vc/startSnp';
import { needsGuest, suggestPlace, withGuest } from './withGuest';

/** VMSAs for other vCPUs and other VMPLs, and which of them runs. */

const vcpu = z.optional(field.count('which vCPU, 0 by default', 0, 127));
const vmpl = field.count('which VMPL', 0, 15);

const SNP_ONLY: Rule = {
  id: 'guest.levels-need-snp',
  says: 'Only the VMSA of an SNP guest has a VMPL, and only such a guest makes VMSAs itself.',
  source: 'APM vol. 2 §15.36.7; GHCB specification #56421 (SNP AP creation)',
  standing: 'published',
};

const notSnp = (name: string): Outcome<never> =>
  refuse(SNP_ONLY, 'refused', `${name} is no SNP guest.`, { guest: name }, 'A guest with SEV-SNP.');

const firstInstruction = (p: Platform, id: number): number => {
  const os = p.state.need('guest', id);
  const kernel = os.objects.find(({ name }) => name === 'kernel');
  return os.program?.address ?? kernel?.address ?? 0;
};

const createVmsa = defineAction({
  type: 'guest.create-vmsa',
  actor: 'guest',
  title: 'Make a VMSA',
  help: 'The kernel of an SNP guest makes a VMSA for a vCPU and a VMPL and hands it to Xen (SNP AP creation): another vCPU starts at once or on INIT, another VMPL of the first runs when it is asked for.',
  schema: z.strictObject({
    type: z.literal('guest.create-vmsa'),
    guest: field.guest(),
    vcpu,
    vmpl,
    how: z.optional(
      field.choice('start at once (default), on INIT, or forget it', ['create', 'on-init', 'destroy']),
    ),
    injection: z.optional(
      field.choice('how events reach it, as usual by default', ['usual', 'restricted', 'alternate']),
    ),
    at: z.optional(field.address('guest virtual address at which it begins; the program by default')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, vcpu: number, vmpl: level, how }) =>
    how === 'destroy'
      ? `${capital(guest)} has Xen forget the VMSA of vCPU ${number ?? 0} at VMPL${level}`
      : `${capital(guest)} makes a VMSA for vCPU ${number ?? 0} at VMPL${level}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, vcpu: 0, vmpl: 2 }),
  run: (p, { guest, vcpu: target = 0, vmpl: level, how, injection, at }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      if (!domain.snp) return notSnp(domain.name);
      const there = hasVcpu(domain, target);
      if (!there.ok) return there;
      if (how === 'destroy') return destroyVmsa(p, domain, target, level);
      const made = makeVmsa(p, domain, {
        target,
        vmpl: level,
        entry: at ?? firstInstruction(p, domain.id),
        what: how === 'on-init' ? 'onInit' : 'create',
        features: INJECTION[injection ?? 'usual'],
      });
      return made.ok ? ok({ at: made.value }) : made;
    }),
});

const INJECTION = {
  usual: [],
  restricted: ['RestrictedInjection'],
  alternate: ['AlternateInjection'],
} as const;

const runLevel = defineAction({
  type: 'guest.run-vmpl',
  actor: 'guest',
  title: 'Run another VMPL',
  help: 'A vCPU of an SNP guest asks Xen to run the VMSA of another of its VMPLs; what the guest does from then on it does there. A monitor at VMPL0 that nobody has called gives it back at once.',
  schema: z.strictObject({ type: z.literal('guest.run-vmpl'), guest: field.guest(), vmpl, vcpu }),
  who: ({ guest }) => guest,
  describe: ({ guest, vmpl: level }) => `${capital(guest)} asks Xen to run VMPL${level}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, vmpl: 2 }),
  run: (p, { guest, vmpl: level, vcpu: number }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      if (!domain.snp) return notSnp(domain.name);
      const found = readyVcpu(p, domain, number ?? 0);
      if (!found.ok) return found;
      const run = runVmpl(p, found.value, level);
      if (!run.ok) return run;
      const monitor = monitorOf(p, domain);
      const back = monitor && level === 0 ? serve(p, found.value, monitor) : run;
      if (!back.ok) return back;
      const event = takeEvent(p, found.value);
      if (!event.ok) return event;
      const vmpl = vmplOf(p, found.value);
      return ok({ vmpl, ...(event.value && { event: { ...event.value } }) });
    }),
});

export const LEVEL_ACTIONS: readonly ActionDefinition[] = [
  createVmsa,
  runLevel,
] as unknown as readonly ActionDefinition[];
