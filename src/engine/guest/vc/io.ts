import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { GHCB_PARTS } from '../../cpu/ghcb/layout';
import { completeString } from '../../cpu/isa/complete';
import type { IoEvent } from '../../cpu/isa/events';
import { inOrder, lowest } from '../../cpu/isa/strings';
import { type Vcpu, vcpuAccess } from '../memory';
import { ask } from './ask';
import { bufferGpa, ghcbOf } from './ghcb';
import type { Raised } from './raised';

/**
 * INS and OUTS: the handler itself moves the bytes between the program’s private memory and the shared buffer, as many at a
 * time as fit (Linux arch/x86/coco/sev/vc-shared.c, vc_handle_ioio).
 */
export function stringIo(
  p: Platform,
  vcpu: Vcpu,
  { code, info1, registers, instruction }: Raised,
  event: IoEvent,
): Outcome<Registers> {
  const left = event.rep ? registers.rcx : 1n;
  const most = Math.floor(GHCB_PARTS.sharedBuffer.size / event.size);
  const count = left < BigInt(most) ? Number(left) : most;
  const length = count * event.size;
  const at = lowest(registers, event, count);
  const outgoing = event.in ? null : vcpuAccess(p, vcpu, 'read', at, length);
  if (outgoing && !outgoing.ok) return outgoing;
  const request = {
    code,
    info1,
    info2: BigInt(count),
    own: { swScratch: bufferGpa(ghcbOf(p, vcpu) ?? 0) },
  };
  const answered = ask(p, vcpu, request, registers, outgoing && inOrder(outgoing.value, registers, event));
  if (!answered.ok) return answered;
  if (event.in) {
    const incoming = inOrder(answered.value.buffer.slice(0, length), registers, event);
    const stored = vcpuAccess(p, vcpu, 'write', at, length, incoming);
    if (!stored.ok) return stored;
  }
  return ok(completeString(registers, instruction.length, event, count));
}
