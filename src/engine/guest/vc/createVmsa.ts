import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { RESET_REGISTERS, registerBytes, unpackRegisters } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import { decodeResult } from '../../cpu/ghcb/result';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { SEV_FEATURES, type SevFeature } from '../../cpu/sevFeatures';
import { MODE_REGISTERS } from '../../cpu/vmcb';
import { registersOf } from '../../cpu/vmrun';
import { vmsaRegisters } from '../../cpu/vmsa';
import { writeVmsaField } from '../../cpu/vmsaFields';
import { READ } from '../../rmp/permissions';
import { type ApCreation, apCreationInfo } from '../../xen/exits/apCreation';
import { firstVmsa } from '../../xen/vmsa';
import { allocate } from '../allocate';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';
import { adjustPage } from '../vmplInstructions';
import { ask } from './ask';
import { vmplOf } from './level';

const RULES = {
  vmsa: {
    id: 'guest.makes-vmsa',
    says: 'The level that makes a VMSA takes the page away from all less privileged ones first, and then marks it: a page must never be both writable by the level that it controls and runnable.',
    source: 'coconut-svsm kernel/src/protocols/core.rs; Linux arch/x86/coco/sev/core.c (snp_set_vmsa)',
    standing: 'published',
  },
  registers: {
    id: 'guest.vmsa-registers',
    says: 'Whoever of the guest writes a VMSA decides where that level goes on.',
    source: 'APM vol. 2 §15.36.7; coconut-svsm kernel/src/protocols',
    standing: 'published',
  },
  refused: {
    id: 'guest.ap-creation-refused',
    says: 'A guest that hands over a VMSA goes on only when the hypervisor has taken it.',
    source: 'Linux arch/x86/coco/sev/core.c (wakeup_cpu_via_vmgexit)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** What a vCPU is to start from. */
export interface Start {
  readonly vmpl: number;
  /** GVA of its first instruction, and GPA of its page tables. */
  readonly entry: number;
  readonly root: number;
  /** Features beside SNPActive. */
  readonly features: readonly SevFeature[];
}

/** SEV_FEATURES with SNPActive. */
export const featureBits = (features: readonly SevFeature[]): bigint =>
  (['SNPActive', ...features] as const).reduce(
    (bits, name) => bits | (1n << BigInt(SEV_FEATURES[name].bit)),
    0n,
  );

/** A VMSA with which a kernel’s vCPU starts in long mode, 4096 bytes. */
export function vmsaImage({ vmpl, entry, root, features }: Start): Uint8Array {
  const registers = { ...RESET_REGISTERS, rip: BigInt(entry) };
  const controls = { ...MODE_REGISTERS.long, cr3: BigInt(root) };
  const page = firstVmsa(registers, controls, featureBits(features));
  writeVmsaField(page, 'vmpl', BigInt(vmpl));
  return page;
}

/** A page of the guest’s for a VMSA; none that begins 2 MiB, which Xen would not take. Answers with its GVA. */
export function vmsaPage(p: Platform, { domain }: Vcpu, name: string): Outcome<number> {
  const { nextData } = p.state.need('guest', domain.id);
  if (nextData % LARGE_PAGE_SIZE === 0) p.trace.patch('guest', domain.id, { nextData: nextData + PAGE_SIZE });
  return allocate(p, domain, { name, kind: 'bytes', length: PAGE_SIZE });
}

/** Writes a VMSA into a page. */
export function fillVmsa(p: Platform, vcpu: Vcpu, gva: number, image: Uint8Array): Outcome<null> {
  const written = vcpuAccess(p, vcpu, 'write', gva, PAGE_SIZE, image, true);
  return written.ok ? DONE : written;
}

/** Takes a page from every VMPL below the running one. */
export function takeFromBelow(p: Platform, vcpu: Vcpu, gva: number, levels: number): Outcome<null> {
  for (let target = vmplOf(p, vcpu) + 1; target < levels; target++) {
    const taken = adjustPage(p, vcpu, { gva, large: false, target, permissions: 0, vmsa: false });
    if (!taken.ok) return taken;
  }
  return DONE;
}

/** Marks a page that nobody below has any more as a VMSA; `vmpl` may read it. */
export function markVmsa(p: Platform, vcpu: Vcpu, gva: number, vmpl: number): Outcome<null> {
  p.trace.fact('note', { what: 'VMSA', address: gva, vmpl }, RULES.vmsa);
  const own = vmplOf(p, vcpu);
  const target = Math.max(vmpl, own + 1);
  const permissions = vmpl > own ? READ : 0;
  const marked = adjustPage(p, vcpu, { gva, large: false, target, permissions, vmsa: true });
  return marked.ok ? DONE : marked;
}

/** The guest itself decided with which registers a vCPU goes on at a level: those of a VMSA, 4096 bytes. */
export function noteRegisters(p: Platform, { domain, vcpu }: Vcpu, vmpl: number, vmsa: Uint8Array): void {
  const at = { domain: domain.id, vcpu, vmpl, es: true, code: EXIT.VMGEXIT, next: null };
  const registers = { ...vmsaRegisters(vmsa), ghcb: 0n };
  p.trace.fact('note', { what: 'left', ...at }, RULES.registers, registerBytes(registers));
}

/** Asks Xen about the VMSA of a vCPU at a VMPL: event 8000_0013. */
export function askForAp(
  p: Platform,
  vcpu: Vcpu,
  what: ApCreation,
  { vmpl, target, gva, features }: { vmpl: number; target: number; gva: number; features: bigint },
): Outcome<null> {
  const registers = unpackRegisters(registersOf(p, coreOf(p, vcpu)));
  const request = {
    code: SOFTWARE_EVENT.AP_CREATION,
    info1: apCreationInfo(what, vmpl, target),
    info2: BigInt(gva - GUEST_BASE),
    own: { rax: features },
    mayBeRefused: true as const,
  };
  const answered = ask(p, vcpu, request, registers);
  if (!answered.ok) return answered;
  const { read } = answered.value;
  const result = decodeResult(read('swExitInfo1'), read('swExitInfo2'));
  if (result.kind === 'done') return ok(null);
  return p.trace.refused(
    refuse(
      RULES.refused,
      'refused',
      `Xen does not take the VMSA for ${vcpu.domain.name}’s vCPU ${target} at VMPL${vmpl}.`,
      { vcpu: target, vmpl, gpa: gva - GUEST_BASE },
      'A vCPU of the guest, a VMPL that may be given, and features that Xen knows.',
    ),
  );
}
