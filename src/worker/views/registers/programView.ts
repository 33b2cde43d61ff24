import { toHex } from '../../../engine/core/bytes';
import type { DomainCell } from '../../../engine/core/cells';
import type { ProgramCell } from '../../../engine/core/guestCells';
import type { Platform } from '../../../engine/core/platform';
import { exitName } from '../../../engine/cpu/exits';
import { heldBack } from '../../../engine/cpu/stackEngine';
import { look } from '../../../engine/look';
import { domainNamed } from '../../../engine/xen/domain';
import type { ProgramLineView, ProgramView, VcpuChoice } from '../../registersProtocol';
import { intercepted } from './control';
import { hexOf } from './rows';
import { heldRegisters, type Vcpu, vcpuAt } from './vcpu';

/** The bytes of a program as its guest would fetch them now; null: it cannot. */
function fetched(p: Platform, { name }: DomainCell, { address, length }: ProgramCell): Uint8Array | null {
  const seen = look(p, { eye: 'guest', guest: name, space: 'gva', op: 'fetch' }, address, length);
  return seen.ok ? seen.bytes : null;
}

function linesOf(p: Platform, domain: DomainCell, program: ProgramCell): ProgramLineView[] {
  const bytes = fetched(p, domain, program);
  return program.lines.map(({ line, offset, length }) => ({
    line,
    address: program.address + offset,
    bytes: bytes ? toHex(bytes.subarray(offset, offset + length)) : '',
  }));
}

/** The line whose first byte RIP is at. */
const lineAt = ({ address, lines }: ProgramCell, rip: bigint): number | null =>
  lines.find(({ offset, length }) => length > 0 && BigInt(address + offset) === rip)?.line ?? null;

/** A guest’s program, where it stands, and what decides about its exits; null: no such guest. */
export function programView(p: Platform, { guest, vcpu }: VcpuChoice): ProgramView | null {
  const domain = domainNamed(p, guest);
  if (!domain.ok || vcpu >= domain.value.vmcbs.length) return null;
  const os = p.state.cell('guest', domain.value.id);
  const of: Vcpu = vcpuAt(p, domain.value, vcpu);
  const { rip } = heldRegisters(p, of);
  const vcpus = p.state.cell('vcpus', domain.value.id);
  const program = os?.program;
  return {
    guest,
    vcpu,
    es: of.es,
    name: program?.name ?? null,
    text: program?.text ?? null,
    lines: program ? linesOf(p, domain.value, program) : [],
    breaks: program?.breaks ?? [],
    current: program ? lineAt(program, rip) : null,
    rip: hexOf(rip, 8),
    state: vcpus?.vcpus[vcpu]?.state ?? (vcpu === 0 ? 'runs' : 'waits'),
    handler: of.es ? (os?.handler ?? { checks: true, shares: 'needed' }) : null,
    heldBack: of.core === null ? null : heldBack(p, of.core),
    intercepts: intercepted(of.vmcb.bytes),
    lies: (vcpus?.lies ?? []).map(({ exit, field, value }) => ({ exit: exitName(exit), field, value })),
  };
}
