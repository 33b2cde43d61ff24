import type { DomainCell } from '../../core/cells';
import type { Outcome } from '../../core/fault';
import type { MonitorCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { type Vcpu, vcpuAccess } from '../memory';

/** The monitor of a guest; null: its kernel is at VMPL0 itself. */
export const monitorOf = (p: Platform, { id }: DomainCell): MonitorCell | null =>
  p.state.cell('guest', id)?.monitor ?? null;

/** GVAs that are the monitor’s alone. */
export const isOwn = ({ own, ownLength }: MonitorCell, gva: number, length: number): boolean =>
  gva < own + ownLength && gva + length > own;

export const readBytes = (p: Platform, vcpu: Vcpu, gva: number, length: number): Outcome<Uint8Array> =>
  vcpuAccess(p, vcpu, 'read', gva, length);

export const writeBytes = (p: Platform, vcpu: Vcpu, gva: number, bytes: Uint8Array): Outcome<Uint8Array> =>
  vcpuAccess(p, vcpu, 'write', gva, bytes.length, bytes);
