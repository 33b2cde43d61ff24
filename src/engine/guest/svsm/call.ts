import { GUEST_BASE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, ok, refuse } from '../../core/fault';
import type { MonitorCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { type Registers, unpackRegisters } from '../../core/registers';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { registersOf, setRegisters } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { coreOf, type Vcpu } from '../memory';
import { fillGhcb, ghcbOf, vmgexit } from '../vc/ghcb';
import { levelReached } from '../vc/level';
import { registerGhcb } from '../vc/register';
import { readBytes, writeBytes } from './monitor';
import { AREA, raxOf, resultOf, SVSM_RULES, type SvsmCall } from './protocol';
import { serve } from './serve';

/** What a call brings along beside its number. */
export interface CallArguments {
  readonly rcx?: bigint;
  readonly rdx?: bigint;
  readonly r8?: bigint;
  /** Bytes for the buffer behind the calling area. */
  readonly buffer?: Uint8Array;
}

/** Asks Xen through the GHCB to run VMPL0. Its answer is there when the kernel runs again. */
function askForMonitor(p: Platform, vcpu: Vcpu, registers: Partial<Registers>): Outcome<null> {
  const ghcb = ghcbOf(p, vcpu) ?? 0;
  const registered = registerGhcb(p, vcpu, ghcb);
  if (!registered.ok) return registered;
  const values = { swExitCode: BigInt(SOFTWARE_EVENT.RUN_VMPL), swExitInfo1: 0n, swExitInfo2: 0n };
  const filled = fillGhcb(p, vcpu, ghcb, { values });
  if (!filled.ok) return filled;
  setRegisters(p, coreOf(p, vcpu), registers);
  const left = vmgexit(p, vcpu, BigInt(ghcb - GUEST_BASE));
  return left.ok ? levelReached(p, vcpu, 0) : left;
}

/** A call of the monitor by the kernel’s first vCPU, whose registers are as before afterwards. */
export const callMonitor = (
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  call: SvsmCall,
  { buffer, ...registers }: CallArguments,
): Outcome<null> =>
  p.trace.span('guest', domain.name, `SVSM ${call}`, {}, () => {
    const vcpu = { domain, vcpu: 0 };
    const core = coreOf(p, vcpu);
    const entered = enterGuest(p, domain, core, 0);
    if (!entered.ok) return entered;
    const before = unpackRegisters(registersOf(p, core));
    const bytes = buffer ? writeBytes(p, vcpu, monitor.area + AREA.buffer, buffer) : DONE;
    if (!bytes.ok) return bytes;
    const marked = writeBytes(p, vcpu, monitor.area + AREA.pending, Uint8Array.of(1));
    if (!marked.ok) return marked;
    const asked = askForMonitor(p, vcpu, { ...registers, rax: raxOf(call) });
    const served = asked.ok ? serve(p, vcpu, monitor) : asked;
    if (!served.ok) return served;
    const { rax } = unpackRegisters(registersOf(p, core));
    const { ghcb: _, ...rest } = before;
    setRegisters(p, core, rest);
    const pending = readBytes(p, vcpu, monitor.area + AREA.pending, 1);
    if (!pending.ok) return pending;
    return concluded(p, domain, call, rax, pending.value[0] !== 0);
  });

function concluded(
  p: Platform,
  { name }: DomainCell,
  call: SvsmCall,
  rax: bigint,
  pending: boolean,
): Outcome<null> {
  const result = resultOf(rax);
  if (!pending && result === 'SUCCESS') return ok(null);
  const code = `0x${rax.toString(16)}`;
  return p.trace.refused(
    refuse(
      pending ? SVSM_RULES.pending : SVSM_RULES.refused,
      pending ? 'refused' : `SVSM_${result ?? 'ERROR'}`,
      pending
        ? `Nobody served ${name}’s call ${call}.`
        : `${name}’s monitor answers ${call} with ${code}${result ? `, ${result}` : ''}.`,
      { call, result: code },
      pending ? 'A hypervisor that runs VMPL0.' : 'A page of the kernel’s own in the right state.',
    ),
  );
}
