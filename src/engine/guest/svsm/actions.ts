import { type ActionDefinition, defineAction } from '../../core/action';
import { toHex } from '../../core/bytes';
import type { DomainCell } from '../../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { dataBytes, field } from '../../core/fields';
import type { MonitorCell } from '../../core/guestCells';
import type { Json } from '../../core/json';
import type { Platform } from '../../core/platform';
import { capital } from '../../core/words';
import { z } from '../../core/zod';
import { hasVcpu } from '../ready';
import { startSnpVcpu } from '../vc/startSnp';
import { needsGuest, suggestPlace, withGuest } from '../withGuest';
import { monitorKeeps, monitorSigns, monitorUnmakesVmsa, monitorValidates } from './calls';
import { monitorOf } from './monitor';

const CALLS = ['accept', 'give-up', 'create-vcpu', 'delete-vcpu', 'keep', 'sign'] as const;
type Call = (typeof CALLS)[number];

const WORDS: Readonly<Record<Call, string>> = {
  accept: 'accept a page',
  'give-up': 'give a page up',
  'create-vcpu': 'start another vCPU',
  'delete-vcpu': 'take a VMSA back',
  keep: 'keep a secret',
  sign: 'sign',
};

const RULES = {
  none: {
    id: 'svsm.none',
    says: 'Only a guest that was created with a monitor can ask it.',
    source: 'this simulator: svsm = 1 in the configuration',
    standing: 'modelled',
  },
  what: {
    id: 'svsm.what',
    says: 'Each call needs what it is about: a page, a vCPU, or bytes.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

interface Arguments {
  readonly call: Call;
  readonly at?: number | undefined;
  readonly vcpu?: number | undefined;
  readonly data?: string | undefined;
}

const missing = (call: Call, what: string): Outcome<never> =>
  refuse(RULES.what, 'refused', `To ${WORDS[call]} takes ${what}.`, { call }, `The field ${what}.`);

function perform(
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  { call, at, vcpu, data }: Arguments,
): Outcome<Json> {
  switch (call) {
    case 'accept':
    case 'give-up':
      return at === undefined
        ? missing(call, 'at')
        : monitorValidates(p, domain, monitor, at, call === 'accept');
    case 'create-vcpu':
      return vcpu === undefined ? missing(call, 'vcpu') : another(p, domain, vcpu, at);
    case 'delete-vcpu':
      return at === undefined ? missing(call, 'at') : monitorUnmakesVmsa(p, domain, monitor, at);
    case 'keep':
      return data === undefined ? missing(call, 'data') : monitorKeeps(p, domain, monitor, dataBytes(data));
    case 'sign': {
      if (data === undefined) return missing(call, 'data');
      const signed = monitorSigns(p, domain, monitor, dataBytes(data));
      return signed.ok ? ok({ signature: toHex(signed.value) }) : signed;
    }
  }
}

function another(p: Platform, domain: DomainCell, vcpu: number, at: number | undefined): Outcome<Json> {
  const there = hasVcpu(domain, vcpu);
  if (!there.ok) return there;
  const entry = at ?? p.state.need('guest', domain.id).program?.address;
  if (entry === undefined) return missing('create-vcpu', 'at');
  const begun = startSnpVcpu(p, domain, vcpu, entry);
  return begun.ok ? ok({ at: begun.value }) : begun;
}

const ask = defineAction({
  type: 'guest.svsm',
  actor: 'guest',
  title: 'Ask the monitor',
  help: 'The kernel at VMPL2 asks the monitor at VMPL0 (svsm = 1) to accept a page or give it up, to start a vCPU, to keep a secret, or to sign with it.',
  schema: z.strictObject({
    type: z.literal('guest.svsm'),
    guest: field.guest(),
    call: field.choice('what for', CALLS),
    at: z.optional(field.address('guest virtual address: of the page, or where the vCPU begins')),
    vcpu: z.optional(field.count('which vCPU', 0, 127)),
    data: z.optional(field.data('the secret, up to 64 bytes, or what is to be signed')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, call }) => `${capital(guest)} asks the monitor to ${WORDS[call]}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, call: 'keep', data: 'a key' }),
  run: (p, { guest, ...request }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const monitor = monitorOf(p, domain);
      if (monitor) return perform(p, domain, monitor, request);
      return refuse(
        RULES.none,
        'refused',
        `${domain.name} has no monitor.`,
        { guest },
        'svsm = 1 in the configuration of an SNP guest.',
      );
    }),
});

export const SVSM_ACTIONS: readonly ActionDefinition[] = [ask] as unknown as readonly ActionDefinition[];
