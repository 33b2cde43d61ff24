import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { type Fault, ok, type Rule, refuse } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { EXIT } from '../cpu/exits';
import { memEncryption } from '../cpu/mode';
import { readVmcb, VMCB_FIELD_NAMES, writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { CACHE_ACTIONS } from './cacheActions';
import { COMPARE_ACTION } from './compareAction';
import { COPY_ACTION } from './copyAction';
import { DEBUG_ACTION } from './debugAction';
import { DIFFERENCE_ACTION } from './differenceAction';
import { enterGuest, switchTo } from './domain';
import { livingDomains } from './domains';
import { probeAsp } from './driver/probe';
import { shutdownAsp } from './driver/shutdown';
import { convertInPlace, hostAccess, setHostC } from './host';
import { IBS_ACTIONS } from './ibsActions';
import { MOVE_PAGE_ACTION } from './movePageAction';
import { needsGuest, withGuest, withVcpu } from './named';
import { remap, setNestedC } from './nested';
import { onCore } from './onCore';
import { PAGE_STATE_ACTION } from './pageStateAction';
import { PLACE_ACTIONS } from './placeActions';
import { RACE_ACTIONS } from './raceActions';
import { RMP_ACTIONS } from './rmpActions';
import { STACK_ENGINE_ACTION } from './stackEngineAction';
import { leaveGuest } from './stub';
import { suggestSpa } from './suggest';
import { SWAP_LAUNCH_ACTION } from './swapLaunchAction';
import { TRACE_ACTIONS } from './traceActions';
import { chain } from './trail';
import { UNTWEAK_ACTION } from './untweakAction';
import { VCPU_ACTIONS } from './vcpuActions';

const spa = field.address('system physical address');
const core = z.optional(field.core('which core, 0 by default'));
const view = z.optional(
  field.choice('through which mapping: as mapped, C = 0 or C = 1', ['mapped', '0', '1']),
);
const length = z.optional(field.count('bytes, 64 by default', 1, 4096));

const SME_OFF: Rule = {
  id: 'sme.off',
  says: 'The C-bit means something only while SYSCFG.MemEncryptionModEn is set; otherwise it is a reserved address bit.',
  source: 'APM vol. 2 §7.10.1, §15.34.6',
  standing: 'published',
};

const needsEncryption = (p: Platform): Fault | null =>
  memEncryption(p)
    ? null
    : refuse(
        SME_OFF,
        'refused',
        'Memory encryption is off on this machine.',
        { technology: p.config.technology },
        'Technology SME or SEV.',
      ).fault;

const hostRead = defineAction({
  type: 'host.read',
  actor: 'hypervisor',
  title: 'Read any memory',
  help: 'The hypervisor reads a physical address through its own tables: as mapped, or through its C = 0 or C = 1 alias.',
  schema: z.strictObject({ type: z.literal('host.read'), at: spa, length, c: view, core }),
  who: () => 'xen',
  describe: ({ at, c }) => `Xen reads ${hex(at)}${c && c !== 'mapped' ? ` with C = ${c}` : ''}`,
  suggest: (p) => ({ at: suggestSpa(p), length: 64, c: 'mapped' }),
  run: (p, { at, length: bytes, c, core: on }) =>
    onCore(p, on, (number) => {
      const seen = hostAccess(p, number, 'read', at, c ?? 'mapped', bytes ?? 64);
      return seen.ok ? ok(shown(seen.value)) : seen;
    }),
});

const hostWrite = defineAction({
  type: 'host.write',
  actor: 'hypervisor',
  title: 'Write any memory',
  help: 'The hypervisor writes a physical address through its own tables.',
  schema: z.strictObject({
    type: z.literal('host.write'),
    at: spa,
    data: field.data('text, or bytes as hex:…'),
    c: view,
    core,
  }),
  who: () => 'xen',
  describe: ({ at, c }) => `Xen writes ${hex(at)}${c && c !== 'mapped' ? ` with C = ${c}` : ''}`,
  suggest: (p) => ({ at: suggestSpa(p), data: 'overwritten', c: 'mapped' }),
  run: (p, { at, data, c, core: on }) =>
    onCore(p, on, (number) => {
      const bytes = dataBytes(data);
      const written = hostAccess(p, number, 'write', at, c ?? 'mapped', bytes.length, bytes);
      return written.ok ? ok({ length: bytes.length }) : written;
    }),
});

const hostSetC = defineAction({
  type: 'host.set-c',
  actor: 'hypervisor',
  title: 'Flip a C-bit of the host',
  help: 'Changes the C-bit of one page in the hypervisor’s direct map, with the flushes that it remembers to do.',
  schema: z.strictObject({
    type: z.literal('host.set-c'),
    at: spa,
    c: field.flag('C = 1, encrypted'),
    flush: z.optional(
      field.choice('what it flushes: nothing, the TLB, also the page’s lines, or all caches', [
        'none',
        'tlb',
        'lines',
        'all',
      ]),
    ),
    core,
  }),
  who: () => 'xen',
  describe: ({ at, c }) => `Xen sets C = ${c ? 1 : 0} for ${hex(at)}`,
  impossible: needsEncryption,
  suggest: (p) => ({ at: suggestSpa(p), c: true, flush: 'all' }),
  run: (p, { at, c, flush, core: on }) =>
    onCore(p, on, (number) => setHostC(p, number, at, c, flush ?? 'all')),
});

const hostEncrypt = defineAction({
  type: 'host.encrypt',
  actor: 'hypervisor',
  title: 'Encrypt in place',
  help: 'Converts pages in place as the architecture demands: flush, copy through a buffer, change C, flush.',
  schema: z.strictObject({
    type: z.literal('host.encrypt'),
    at: spa,
    pages: z.optional(field.count('how many pages, 1 by default', 1, 512)),
    to: z.optional(field.choice('what they become', ['encrypted', 'plain'])),
    core,
  }),
  who: () => 'xen',
  describe: ({ at, to }) => `Xen ${to === 'plain' ? 'decrypts' : 'encrypts'} ${hex(at)} in place`,
  impossible: needsEncryption,
  suggest: (p) => ({ at: suggestSpa(p), pages: 1, to: 'encrypted' }),
  run: (p, { at, pages, to, core: on }) =>
    onCore(p, on, (number) => convertInPlace(p, number, at, pages ?? 1, to !== 'plain')),
});

const hostRemap = defineAction({
  type: 'host.remap',
  actor: 'hypervisor',
  title: 'Remap a guest page',
  help: 'Points a guest physical page at another frame in the nested tables.',
  schema: z.strictObject({
    type: z.literal('host.remap'),
    guest: field.guest(),
    gpa: field.address('guest physical address'),
    to: field.address('system physical address of the new frame'),
    present: z.optional(field.flag('0: the next access ends in Xen (default 1)')),
    flush: z.optional(field.flag('flush all TLBs afterwards (default yes)')),
  }),
  who: () => 'xen',
  describe: ({ guest, gpa, to }) => `Xen maps ${guest}’s GPA ${hex(gpa)} to ${hex(to)}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', gpa: 0x10000, to: suggestSpa(p), flush: true }),
  run: (p, { guest, gpa, to, present, flush }) =>
    withGuest(p, guest, (domain) => {
      const edited = remap(p, domain, gpa, to, flush ?? true, present ?? true);
      return edited.ok ? ok({ before: hex(edited.value.before), after: hex(edited.value.after) }) : edited;
    }),
});

const nestedC = defineAction({
  type: 'host.nested-c',
  actor: 'hypervisor',
  title: 'Flip a nested C-bit',
  help: 'Changes the C-bit of a guest page in the nested tables: it decides for shared data and for guests without SEV.',
  schema: z.strictObject({
    type: z.literal('host.nested-c'),
    guest: field.guest(),
    gpa: field.address('guest physical address'),
    c: field.flag('C = 1, host key'),
    pages: z.optional(field.count('how many pages, 1 by default', 1, 512)),
    flush: z.optional(field.flag('flush all TLBs (default yes)')),
  }),
  who: () => 'xen',
  describe: ({ guest, gpa, c }) => `Xen sets nested C = ${c ? 1 : 0} for ${guest}’s GPA ${hex(gpa)}`,
  impossible: (p) => needsEncryption(p) ?? needsGuest(p),
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', gpa: 0x10000, c: true, flush: true }),
  run: (p, { guest, gpa, c, pages, flush }) =>
    withGuest(p, guest, (domain) => setNestedC(p, domain, gpa, pages ?? 1, c, flush ?? true)),
});

const hostVmrun = defineAction({
  type: 'host.vmrun',
  actor: 'hypervisor',
  title: 'VMRUN a guest',
  help: 'Enters a guest on a core: hardware takes its state and the SEV bit from the VMCB in memory.',
  schema: z.strictObject({ type: z.literal('host.vmrun'), guest: field.guest(), core }),
  who: () => 'xen',
  describe: ({ guest }) => `Xen runs ${guest} (VMRUN)`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', core: livingDomains(p)[0]?.core ?? 1 }),
  run: (p, { guest, core: on }) =>
    onCore(p, on, (number) => withGuest(p, guest, (domain) => switchTo(p, domain, number))),
});

const schedule = defineAction({
  type: 'xen.schedule',
  actor: 'hypervisor',
  title: 'Schedule a vCPU',
  help: 'The scheduler switches a core to a vCPU: both ASID allocators see it, and the one of this Xen tags it.',
  schema: z.strictObject({
    type: z.literal('xen.schedule'),
    guest: field.guest(),
    vcpu: z.optional(field.count('which of its vCPUs, 0 by default', 0, 127)),
    core,
  }),
  who: () => 'xen',
  describe: ({ guest, vcpu, core: on }) => `Xen schedules ${guest}’s vCPU ${vcpu ?? 0} on core ${on ?? 0}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', vcpu: 0, core: livingDomains(p)[0]?.core ?? 1 }),
  run: (p, { guest, vcpu, core: on }) =>
    onCore(p, on, (number) =>
      withVcpu(p, guest, vcpu ?? 0, (domain) =>
        chain(
          p,
          [
            ['xen', 'context_switch'],
            ['svm', 'svm_ctxt_switch_to'],
            ['svm', 'svm_do_resume'],
          ],
          { guest, vcpu: vcpu ?? 0, core: number },
          () => {
            const entered = enterGuest(p, domain, number, vcpu ?? 0);
            return entered.ok ? ok({ asid: p.state.need('core', number).asid }) : entered;
          },
        ),
      ),
    ),
});

const aspDriver = defineAction({
  type: 'xen.asp',
  actor: 'hypervisor',
  title: 'Stop or start the driver of the secure processor',
  help: 'Stop: SHUTDOWN and the flushes, when no encrypted guest runs. Start: probe and INIT as at boot.',
  schema: z.strictObject({
    type: z.literal('xen.asp'),
    to: field.choice('what the driver does', ['stop', 'start']),
  }),
  who: () => 'xen',
  describe: ({ to }) => `Xen ${to === 'stop' ? 'shuts the platform down' : 'starts the platform'}`,
  suggest: (p) => ({ to: p.state.cell('driver') ? 'stop' : 'start' }),
  run: (p, { to }) => {
    if (to === 'stop') return shutdownAsp(p);
    if (!p.state.cell('driver')) probeAsp(p);
    return ok({ driver: p.state.cell('driver')?.state ?? 'none' });
  },
});

const hostVmexit = defineAction({
  type: 'host.vmexit',
  actor: 'hypervisor',
  title: 'Interrupt a guest',
  help: 'A physical interrupt brings a core back to the hypervisor (#VMEXIT, code 0x60).',
  schema: z.strictObject({ type: z.literal('host.vmexit'), core: field.core() }),
  who: () => 'xen',
  describe: ({ core: on }) => `Interrupt on core ${on}`,
  suggest: (p) => ({ core: livingDomains(p)[0]?.core ?? 1 }),
  run: (p, { core: on }) =>
    onCore(p, on, (number) => {
      leaveGuest(p, number, { code: EXIT.INTR });
      return ok(null);
    }),
});

const vmcb = defineAction({
  type: 'host.vmcb',
  actor: 'hypervisor',
  title: 'Edit a VMCB',
  help: 'Writes a field of a guest’s control block; the next VMRUN takes it from there.',
  schema: z.strictObject({
    type: z.literal('host.vmcb'),
    guest: field.guest(),
    field: field.choice('which field', VMCB_FIELD_NAMES),
    value: field.address('its new value'),
  }),
  who: () => 'xen',
  describe: ({ guest, field: name, value }) => `Xen sets ${name} = ${hex(value)} in ${guest}’s VMCB`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', field: 'nestedControl', value: 1 }),
  run: (p, { guest, field: name, value }) =>
    withGuest(p, guest, (domain) => {
      for (let each = 0; each < p.state.tlbs.length; each++)
        if (p.state.need('core', each).domain === domain.id) leaveGuest(p, each, { code: EXIT.INTR });
      const before = readVmcb(p, 0, vmcbOf(domain, 0), name);
      writeVmcb(p, 0, vmcbOf(domain, 0), name, BigInt(value), OWNER_HYPERVISOR);
      return ok({ before: hex(before), after: hex(readVmcb(p, 0, vmcbOf(domain, 0), name)) });
    }),
});

export const XEN_ACTIONS: readonly ActionDefinition[] = [
  hostRead,
  hostWrite,
  COPY_ACTION,
  COMPARE_ACTION,
  ...TRACE_ACTIONS,
  UNTWEAK_ACTION,
  hostSetC,
  hostEncrypt,
  hostRemap,
  nestedC,
  schedule,
  aspDriver,
  hostVmrun,
  hostVmexit,
  vmcb,
  ...CACHE_ACTIONS,
  STACK_ENGINE_ACTION,
  ...RMP_ACTIONS,
  PAGE_STATE_ACTION,
  MOVE_PAGE_ACTION,
  ...RACE_ACTIONS,
  DEBUG_ACTION,
  DIFFERENCE_ACTION,
  ...IBS_ACTIONS,
  SWAP_LAUNCH_ACTION,
  ...VCPU_ACTIONS,
  ...PLACE_ACTIONS,
] as unknown as readonly ActionDefinition[];
