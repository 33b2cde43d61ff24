import { z } from 'zod';
import { type AsidEvent, GUEST_KINDS } from '../../engine/xen/asids/events';
import {
  type FirmwareStep,
  type FixedParams,
  type FixedState,
  fixed,
  startFixed,
} from '../../engine/xen/asids/fixed';
import { type KvmEvent, type KvmState, kvm, startKvm } from '../../engine/xen/asids/kvm';
import { type PerCpuState, perCpu, startPerCpu } from '../../engine/xen/asids/perCpu';
import { Names } from './asid-names';

/** What a step of a trace came to, in the trace's own words. */
export interface Replayed {
  readonly expect: Readonly<Record<string, unknown>>;
  readonly stateAfter: Readonly<Record<string, unknown>>;
}

export interface TraceStep {
  readonly event: string;
  readonly args: unknown;
}

/** Takes the steps of one trace, in their order. @throws when a step cannot be understood. */
export type Replay = (step: TraceStep) => Replayed;

const count = z.number().int().min(0);
const onCpu = z.object({ pcpu: z.string(), vcpu: z.string() });
const kind = z.enum(GUEST_KINDS);

/** @throws when the event or its arguments are unknown. */
function eventOf({ event, args }: TraceStep, names: Names): AsidEvent {
  switch (event) {
    case 'schedule':
    case 'vmentry': {
      const { pcpu, vcpu } = onCpu.parse(args);
      return { event, cpu: names.cpus.of(pcpu), ...names.vcpu(vcpu) };
    }
    case 'flushVcpu':
      return { event, ...names.vcpu(z.object({ vcpu: z.string() }).parse(args).vcpu) };
    case 'flushCore':
      return { event, cpu: names.cpus.of(z.object({ pcpu: z.string() }).parse(args).pcpu) };
    case 'flushDomain':
    case 'destroyDomain':
      return { event, domain: names.domains.of(z.object({ dom: z.string() }).parse(args).dom) };
    case 'createDomain': {
      const made = z.object({ dom: z.string(), kind, vcpus: count.default(1) }).parse(args);
      return { event, domain: names.domains.of(made.dom), kind: made.kind, vcpus: made.vcpus };
    }
    default:
      throw new Error(`event: "${event}" is not known here`);
  }
}

const perCpuParams = z.object({
  nasids: count,
  pcpus: z.array(z.string()).min(1),
  flushByAsid: z.boolean(),
  asidParam: z.boolean(),
  bugFlushAsidOnWrap: z.boolean().default(false),
});

/** Today's allocator. */
export function replayPerCpu(given: unknown): Replay {
  const params = perCpuParams.parse(given);
  const names = new Names();
  for (const cpu of params.pcpus) names.cpus.of(cpu);
  let state: PerCpuState = startPerCpu({
    asids: params.nasids,
    cpus: params.pcpus.length,
    flushByAsid: params.flushByAsid,
    enabled: params.asidParam,
    wrapBug: params.bugFlushAsidOnWrap,
  });
  return (step) => {
    const event = eventOf(step, names);
    const before = state;
    const { state: after, vmcb } = perCpu(state, event);
    state = after;
    const expect = vmcb ? { vmcbAsid: vmcb.asid, tlbControl: vmcb.tlbControl } : {};
    if (event.event !== 'schedule' && event.event !== 'vmentry') return { expect, stateAfter: told(after) };
    const key = `d${event.domain}v${event.vcpu}` as const;
    const last = before.vcpus[key]?.launchCore ?? event.cpu;
    const more = { vcpuAsid: after.vcpus[key]?.asid, migrated: last !== event.cpu };
    return { expect: { ...expect, ...more }, stateAfter: told(after) };
  };

  function told({ cores, vcpus }: PerCpuState): Replayed['stateAfter'] {
    return {
      cores: Object.fromEntries(
        cores.map(({ generation, nextAsid, maxAsid }, cpu) => [
          names.cpus.nameOf(cpu),
          { generation, nextAsid, maxAsid },
        ]),
      ),
      vcpus: Object.fromEntries(
        Object.entries(vcpus).map(([key, { asid, generation, launchCore }]) => [
          names.vcpuName(key),
          { asid, generation, launchCore: launchCore === null ? null : names.cpus.nameOf(launchCore) },
        ]),
      ),
    };
  }
}

const fixedParams = z
  .object({
    nasids: count,
    maxSevGuests: count,
    minNoEsAsid: count,
    flushByAsid: z.boolean(),
    asidParam: z.boolean(),
    plainMin: count,
    leakCocoAsid: z.boolean().default(false),
  })
  .transform(
    (given): FixedParams => ({
      asids: given.nasids,
      maxSev: given.maxSevGuests,
      minSev: given.minNoEsAsid,
      flushByAsid: given.flushByAsid,
      enabled: given.asidParam,
      plainMin: given.plainMin,
      leakEncrypted: given.leakCocoAsid,
    }),
  );

/** The proposed allocator; the traces name the firmware's handles too, which count up from 1. */
export function replayFixed(given: unknown): Replay {
  const names = new Names();
  const handles = new Map<string, number>();
  let made = 0;
  let state = startFixed(fixedParams.parse(given));
  return (step) => {
    const event = eventOf(step, names);
    const { state: after, vmcb, created, freed, firmware } = fixed(state, event);
    state = after;
    if (event.event === 'createDomain' && firmware.length > 0) handles.set(String(event.domain), ++made);
    const expect = {
      ...(vmcb && { vmcbAsid: vmcb.asid, tlbControl: vmcb.tlbControl }),
      ...created,
      ...(freed !== null && { freedAsid: freed }),
      ...(firmware.length > 0 && { aspCommands: firmware.map((command) => inTrace(command, made)) }),
    };
    return { expect, stateAfter: told(after) };
  };

  function told({ taken, domains, latestVcpu }: FixedState): Replayed['stateAfter'] {
    return {
      bitmap: taken,
      domains: Object.fromEntries(
        Object.entries(domains).map(([domain, facts]) => {
          const handle = handles.get(domain);
          const described = { ...facts, ...(handle !== undefined && { handle }) };
          return [names.domains.nameOf(Number(domain)), described];
        }),
      ),
      latestVcpu: Object.fromEntries(
        Object.entries(latestVcpu).map(([key, vcpu]) => {
          const [domain, cpu] = key.split('@').map(Number);
          return [`${names.domains.nameOf(domain!)}@${names.cpus.nameOf(cpu!)}`, vcpu];
        }),
      ),
    };
  }
}

function inTrace(step: FirmwareStep, handle: number): string {
  if (step.command === 'LAUNCH_START') return `LAUNCH_START -> handle ${handle}`;
  if (step.command === 'ACTIVATE') return `ACTIVATE(handle=${handle}, asid=${step.asid})`;
  return step.command === 'WBINVD' ? 'WBINVD on all pCPUs' : step.command;
}

const kvmEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('create'), vm: z.string(), kind: kind.exclude(['plain']) }),
  z.object({ event: z.literal('destroy'), vm: z.string() }),
]);

/** KVM's allocator, for comparison. */
export function replayKvm(given: unknown): Replay {
  const { maxSevAsid, minSevAsid } = z.object({ maxSevAsid: count, minSevAsid: count }).parse(given);
  let state: KvmState = startKvm(maxSevAsid, minSevAsid);
  return ({ event, args }) => {
    const known: KvmEvent = kvmEvent.parse({ event, ...z.object({}).loose().parse(args) });
    const { state: after, result, flushed } = kvm(state, known);
    state = after;
    const flush = flushed ? ['WBINVD on all pCPUs', 'DF_FLUSH'] : [];
    const commands = known.event === 'destroy' ? { aspCommands: ['DEACTIVATE', 'DECOMMISSION'] } : {};
    const { bitmap, reclaim, vms } = after;
    return { expect: { ...result, ...commands, flush }, stateAfter: { bitmap, reclaim, vms } };
  };
}
