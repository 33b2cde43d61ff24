import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { toHex, uint } from '../../core/bytes';
import type { DomainCell } from '../../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { unpackRegisters } from '../../core/registers';
import { decodeGhcbMsr, encodeGhcbMsr } from '../../cpu/ghcb/msr';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { writeVmcb } from '../../cpu/vmcb';
import { registersOf, setRegisters, vmcbOf } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { LAPIC_BASE } from '../../xen/exits/apic';
import { patchVcpu, vcpuOf, vcpusOf } from '../../xen/exits/vcpus';
import { call } from '../../xen/trail';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';
import { takePages } from '../pages';
import { loadProgram } from '../run/load';
import { runOn } from '../run/run';
import { ask } from './ask';
import { vmgexit } from './ghcb';
import { startSnpVcpu } from './startSnp';

const START_RULES = {
  jumpTable: {
    id: 'guest.ap-jump-table',
    says: 'With SEV-ES nobody can set CS:RIP of another processor from outside: it takes them from a page of the guest.',
    source: 'GHCB specification #56421 §4.3; Linux arch/x86/coco/sev/core.c (sev_es_setup_ap_jump_table)',
    standing: 'published',
  },
  startup: {
    id: 'xen.startup-vector',
    says: 'Without SEV-ES the hypervisor itself puts CS:RIP of a startup interrupt into the VMCB.',
    source: 'Xen xen/arch/x86/hvm/vlapic.c (vlapic_init_sipi_one); APM vol. 2 §16.5',
    standing: 'published',
  },
  entry: {
    id: 'guest.ap-entry',
    says: 'A processor that starts needs an address to start at.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Page of the trampoline, as Linux puts it below 1 MiB: bits 19:12 of its address. */
const VECTOR = 0x9a;

const ICR = { high: 0x310, low: 0x300 } as const;

/** INIT, then the startup interrupt, as stores to the local APIC. */
const sendsStartup = (vcpu: number): string => `
mov rbx, ${GUEST_BASE + LAPIC_BASE}
mov eax, ${vcpu * 2 ** 24}
mov [rbx + ${ICR.high}], eax
mov eax, 0x4500
mov [rbx + ${ICR.low}], eax
mov eax, ${0x4600 | VECTOR}
mov [rbx + ${ICR.low}], eax
hlt`;

/** The first vCPU starts another one. Answers with the GVA at which that begins. */
export function startVcpu(p: Platform, domain: DomainCell, vcpu: number, at?: number): Outcome<number> {
  const entry = at ?? p.state.cell('guest', domain.id)?.program?.address;
  if (entry === undefined)
    return refuse(
      START_RULES.entry,
      'refused',
      'There is no program to start at.',
      {},
      'guest.program, or an address.',
    );
  return p.trace.span('guest', domain.name, 'start vCPU', { vcpu, at: entry }, () => {
    if (domain.snp) return startSnpVcpu(p, domain, vcpu, entry);
    const told = domain.vmsas.length > 0 ? writeJumpTable(p, domain, entry) : ok(null);
    if (!told.ok) return told;
    const sent = interrupt(p, domain, vcpu);
    if (!sent.ok) return sent;
    const begun =
      domain.vmsas.length > 0 ? wakeByTable(p, { domain, vcpu }) : wakeByVector(p, { domain, vcpu });
    if (!begun.ok) return begun;
    return takeOver(p, { domain, vcpu }, entry);
  });
}

/** The table: IP and CS, 16 bits each, and behind them where the trampoline goes on (modelled: 64 bits). */
function writeJumpTable(p: Platform, domain: DomainCell, entry: number): Outcome<null> {
  const boot = { domain, vcpu: 0 };
  const known = vcpusOf(p, domain).jumpTable;
  const place = known === null ? takePages(p, domain, 'AP jump table', PAGE_SIZE) : ok(GUEST_BASE + known);
  if (!place.ok) return place;
  const bytes = new Uint8Array([...uint(0n, 2), ...uint(BigInt(VECTOR << 8), 2), ...uint(BigInt(entry), 8)]);
  p.trace.fact(
    'note',
    { what: 'AP jump table', address: place.value, bytes: toHex(bytes) },
    START_RULES.jumpTable,
  );
  const written = vcpuAccess(p, boot, 'write', place.value, bytes.length, bytes);
  if (!written.ok) return written;
  const entered = enterGuest(p, domain);
  if (!entered.ok) return entered;
  const registers = unpackRegisters(registersOf(p, coreOf(p, boot)));
  const request = { code: SOFTWARE_EVENT.AP_JUMP_TABLE, info1: 0n, info2: BigInt(place.value - GUEST_BASE) };
  const answered = ask(p, boot, request, registers);
  return answered.ok ? ok(null) : answered;
}

/** The stores that send INIT and the startup interrupt; what the first vCPU was doing goes on afterwards. */
function interrupt(p: Platform, domain: DomainCell, vcpu: number): Outcome<null> {
  const boot: Vcpu = { domain, vcpu: 0 };
  const core = coreOf(p, boot);
  const entered = enterGuest(p, domain, core, 0);
  if (!entered.ok) return entered;
  const before = unpackRegisters(registersOf(p, core));
  const program = p.state.need('guest', domain.id).program;
  const loaded = loadProgram(p, boot, sendsStartup(vcpu), 'startup interrupt');
  if (!loaded.ok) return loaded;
  const run = runOn(p, boot, STEPS);
  let turn = run.next();
  while (!turn.done) turn = run.next();
  if (!turn.value.ok) return turn.value;
  const again = enterGuest(p, domain, core, 0);
  if (!again.ok) return again;
  setRegisters(p, core, before);
  const { program: _, ...os } = p.state.need('guest', domain.id);
  p.trace.set('guest', domain.id, program ? { ...os, program } : os);
  return ok(null);
}
const STEPS = 64;

/** With SEV-ES: the vCPU runs its measured state, waits in AP reset hold, and jumps by the table when it is woken. */
function wakeByTable(p: Platform, vcpu: Vcpu): Outcome<null> {
  const { domain } = vcpu;
  const woken = vmgexit(p, vcpu, encodeGhcbMsr('apResetHoldRequest', {}));
  if (!woken.ok) return woken;
  const message = decodeGhcbMsr(woken.value);
  if (message.name === 'apResetHoldResponse' && message.values.woken !== 0) return ok(null);
  return refuse(
    START_RULES.jumpTable,
    'refused',
    `${domain.name}’s vCPU ${vcpu.vcpu} still waits: no startup interrupt has come.`,
    { vcpu: vcpu.vcpu },
    'INIT and a startup interrupt from another vCPU.',
  );
}

/** Without SEV-ES: the hypervisor writes where the vCPU begins. */
const wakeByVector = (p: Platform, { domain, vcpu }: Vcpu): Outcome<null> =>
  call(p, 'xen', 'vlapic_init_sipi_one', { vcpu }, () => {
    const { startup } = vcpuOf(p, domain, vcpu);
    if (startup !== null) {
      p.trace.fact('note', { what: 'startup vector', vcpu, rip: startup * PAGE_SIZE }, START_RULES.startup);
      writeVmcb(p, 0, vmcbOf(domain, vcpu), 'rip', BigInt(startup * PAGE_SIZE), OWNER_HYPERVISOR);
    }
    patchVcpu(p, domain, vcpu, { state: 'runs', startup: null });
    return enterGuest(p, domain, coreOf(p, { domain, vcpu }), vcpu);
  });

/** The trampoline: it takes over the page tables of the first vCPU and goes on at the entry (modelled: no real-mode code). */
function takeOver(p: Platform, vcpu: Vcpu, entry: number): Outcome<number> {
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  const { root } = p.state.need('guest', vcpu.domain.id);
  p.trace.patch('core', core, { guestCr3: root, guestPaging: true });
  setRegisters(p, core, { rip: BigInt(entry), rsp: 0n });
  return ok(entry);
}
