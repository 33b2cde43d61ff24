import { PAGE_SIZE } from '../../core/address';
import type { CoreCell } from '../../core/cells';
import { type Outcome, ok } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import { decodeIoio, type IoAccess } from '../../cpu/ghcb/ioio';
import { completeString } from '../../cpu/isa/complete';
import type { IoEvent } from '../../cpu/isa/events';
import { inOrder, lowest } from '../../cpu/isa/strings';
import type { Operation } from '../../cpu/pageFaults';
import { CR0_PG, readVmcb, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { walkGuest } from '../../cpu/walk';
import { hostAccess } from '../host';
import { tablesEncrypted } from '../tables';
import type { Asked } from './answer';
import { foundRegisters, putRegisters } from './found';
import type { Left } from './left';
import { bent } from './lies';
import { port } from './ports';

/** Bytes that Xen moves before it lets the instruction begin again. */
const MOST = PAGE_SIZE;

/** A vCPU’s page tables as Xen walks them: those of a guest without encryption. */
function viewOf(p: Platform, { domain, vcpu, core, complex }: Left): CoreCell {
  const read = (field: 'cr0' | 'cr3') => readVmcb(p, complex, vmcbOf(domain, vcpu), field);
  return {
    ...p.state.need('core', core),
    domain: domain.id,
    nestedPaging: true,
    nestedCr3: domain.nestedRoot,
    nestedCr3C: tablesEncrypted(p),
    guestCr3: Number(read('cr3') & ~0xfffn),
    guestPaging: (read('cr0') & CR0_PG) !== 0n,
  };
}

/** Moves bytes between Xen and the guest’s memory at a GVA, page by page. */
function move(
  p: Platform,
  left: Left,
  op: Exclude<Operation, 'fetch'>,
  virtual: number,
  bytes: Uint8Array,
): Outcome<null> {
  const view = viewOf(p, left);
  for (let done = 0; done < bytes.length; ) {
    const at = virtual + done;
    const arrived = walkGuest(p, view, at, op, []);
    if (!arrived.ok) return p.trace.refused(arrived);
    const { spa, nestedC } = arrived.value;
    const part = bytes.subarray(done, Math.min(bytes.length, done + PAGE_SIZE - (at % PAGE_SIZE)));
    const window = nestedC ? '1' : '0';
    const moved = hostAccess(p, left.core, op, spa, window, part.length, op === 'write' ? part : undefined);
    if (!moved.ok) return moved;
    if (op === 'read') part.set(moved.value);
    done += part.length;
  }
  return ok(null);
}

const eventOf = ({ port: number, input, rep, bytes }: IoAccess): IoEvent => ({
  name: 'IOIO',
  in: input,
  string: true,
  rep,
  size: bytes as IoEvent['size'],
  port: number,
  segment: input ? 'es' : 'ds',
});

/**
 * INS and OUTS of a guest without encryption: Xen moves the bytes itself (Xen xen/arch/x86/hvm/emulate.c,
 * hvmemul_rep_ins, hvmemul_rep_outs).
 */
export function plainString(p: Platform, left: Left, asked: Asked): Outcome<null> {
  const access = decodeIoio(asked.info1);
  const event = eventOf(access);
  const registers: Registers = foundRegisters(p, left);
  const most = BigInt(MOST / event.size);
  const wanted = event.rep ? registers.rcx : 1n;
  const count = Number(wanted < most ? wanted : most);
  const bytes = new Uint8Array(count * event.size);
  const at = lowest(registers, event, count);
  const read = event.in ? ok(null) : move(p, left, 'read', at, bytes);
  if (!read.ok) return read;
  const request = { ...asked, info2: BigInt(count), bytes: inOrder(bytes, registers, event) };
  const answer = bent(p, asked, EXIT.IOIO, port(p, request));
  if (event.in && 'bytes' in answer && answer.bytes) {
    const stored = move(p, left, 'write', at, inOrder(answer.bytes, registers, event));
    if (!stored.ok) return stored;
  }
  const vmcb = vmcbOf(left.domain, left.vcpu);
  const length = Number(readVmcb(p, left.complex, vmcb, 'nextRip') - registers.rip);
  const after = completeString(registers, length, event, count);
  putRegisters(p, left, after);
  writeVmcb(p, left.complex, vmcb, 'rip', after.rip, OWNER_HYPERVISOR);
  return ok(null);
}
