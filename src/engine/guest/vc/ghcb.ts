import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { unpackRegisters } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import {
  clearValid,
  GHCB_PARTS,
  type GhcbValues,
  type GhcbWrite,
  ghcbHeader,
  ghcbWrites,
  written,
} from '../../cpu/ghcb/layout';
import { registersOf, setRegisters } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { type Handled, handleExit } from '../../xen/exits/handle';
import { leaveGuest } from '../../xen/stub';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';

/** The version of the GHCB protocol that this kernel speaks. */
const VERSION = 2;

/** GVA of a vCPU’s GHCB; null before the kernel has made it. */
export const ghcbOf = (p: Platform, { domain, vcpu }: Vcpu): number | null =>
  p.state.cell('guest', domain.id)?.ghcbs?.[vcpu] ?? null;

/** Stores into the vCPU’s GHCB. */
function store(p: Platform, vcpu: Vcpu, at: number, writes: readonly GhcbWrite[]): Outcome<null> {
  for (const { offset, bytes } of writes) {
    const stored = vcpuAccess(p, vcpu, 'write', at + offset, bytes.length, bytes);
    if (!stored.ok) return stored;
  }
  return DONE;
}

/** What a guest puts into its GHCB: fields, and bytes for the shared buffer. */
export interface Filling {
  readonly values: GhcbValues;
  readonly buffer?: Uint8Array;
}

/** GPA of the shared buffer of a GHCB at a GVA. */
export const bufferGpa = (ghcb: number): bigint => BigInt(ghcb - GUEST_BASE + GHCB_PARTS.sharedBuffer.offset);

/** Fills the GHCB: marks first, then the fields, so that nothing old counts. */
export const fillGhcb = (p: Platform, vcpu: Vcpu, ghcb: number, { values, buffer }: Filling): Outcome<null> =>
  p.trace.span('guest', vcpu.domain.name, 'fill GHCB', { fields: Object.keys(values) }, () => {
    const before = vcpuAccess(p, vcpu, 'read', ghcb, PAGE_SIZE);
    if (!before.ok) return before;
    const cleared = clearValid();
    const bytes = buffer ? [{ offset: GHCB_PARTS.sharedBuffer.offset, bytes: buffer }] : [];
    const fields = ghcbWrites(written(before.value, [cleared]), values);
    return store(p, vcpu, ghcb, [cleared, ...ghcbHeader(VERSION), ...bytes, ...fields]);
  });

/**
 * VMGEXIT with a value of the GHCB MSR: the page’s GPA, or a message. An automatic exit; Xen answers, and the vCPU is
 * entered again (APM vol. 2 §15.35.6). Answers with the MSR as it then is.
 * @param meanwhile what Xen does on the guest’s behalf before it answers.
 */
export function vmgexit(
  p: Platform,
  vcpu: Vcpu,
  msr: bigint,
  meanwhile: () => Outcome<unknown> = () => DONE,
): Outcome<bigint> {
  const { domain } = vcpu;
  const core = coreOf(p, vcpu);
  return p.trace.span('guest', domain.name, 'VMGEXIT', { msr: `0x${msr.toString(16)}` }, () => {
    const entered = enterGuest(p, domain, core, vcpu.vcpu);
    if (!entered.ok) return entered;
    setRegisters(p, core, { ghcb: msr });
    leaveGuest(p, core, { code: EXIT.VMGEXIT });
    const done = meanwhile();
    if (!done.ok) return done;
    const handled = answer(p, vcpu);
    if (!handled.ok) return handled;
    const again = enterGuest(p, domain, core, vcpu.vcpu);
    return again.ok ? ok(unpackRegisters(registersOf(p, core)).ghcb) : again;
  });
}

function answer(p: Platform, { domain, vcpu }: Vcpu): Outcome<Handled> {
  const core = coreOf(p, { domain, vcpu });
  const { complex } = p.state.need('core', core);
  return handleExit(p, { domain: p.state.need('domain', domain.id), vcpu, core, complex });
}
