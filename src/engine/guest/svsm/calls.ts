import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { uint } from '../../core/bytes';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome } from '../../core/fault';
import type { MonitorCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { noteAccepted, validatePage } from '../accept';
import { callMonitor } from './call';
import { monitorOf, readBytes } from './monitor';
import { AREA, LIST, listEntry } from './protocol';

/** What the kernel asks of its monitor. */

const SIGNATURE_BYTES = 32;

/** Has the monitor accept pages from a GVA on, or give them up. */
export function monitorValidates(
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  gva: number,
  validated: boolean,
  pages = 1,
): Outcome<null> {
  const gpa = gva - GUEST_BASE - ((gva - GUEST_BASE) % PAGE_SIZE);
  const buffer = new Uint8Array(LIST.bytes);
  buffer.set(uint(BigInt(pages), 2), LIST.count);
  for (let page = 0; page < pages; page++)
    buffer.set(uint(listEntry(gpa + page * PAGE_SIZE, validated), 8), LIST.entries + page * 8);
  const rcx = BigInt(monitor.area - GUEST_BASE + AREA.buffer);
  const done = callMonitor(p, domain, monitor, 'PVALIDATE', { rcx, buffer });
  if (done.ok) noteAccepted(p, domain, gpa, pages, validated);
  return done;
}

/** PVALIDATE of one page by whoever may: the kernel at VMPL0 itself, else the monitor above it. */
export function validate(p: Platform, domain: DomainCell, gva: number, validated: boolean): Outcome<null> {
  const monitor = monitorOf(p, domain);
  return monitor
    ? monitorValidates(p, domain, monitor, gva, validated)
    : validatePage(p, domain, gva, validated);
}

/** The same for memory between two GPAs that has come to the guest. */
export function validateMemory(
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  from: number,
  to: number,
): Outcome<null> {
  for (let gpa = from; gpa < to; gpa += LIST.most * PAGE_SIZE) {
    const pages = Math.min(LIST.most, (to - gpa) / PAGE_SIZE);
    const done = monitorValidates(p, domain, monitor, GUEST_BASE + gpa, true, pages);
    if (!done.ok) return done;
  }
  return DONE;
}

/** Has the monitor make a page at a GVA the VMSA of a vCPU, or take that back. */
export const monitorMakesVmsa = (
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  gva: number,
  vcpu: number,
): Outcome<null> =>
  callMonitor(p, domain, monitor, 'CREATE_VCPU', {
    rcx: BigInt(gva - GUEST_BASE),
    rdx: BigInt(monitor.area - GUEST_BASE),
    r8: BigInt(vcpu),
  });

export const monitorUnmakesVmsa = (
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  gva: number,
): Outcome<null> => callMonitor(p, domain, monitor, 'DELETE_VCPU', { rcx: BigInt(gva - GUEST_BASE) });

/** Gives the monitor a secret to keep. */
export const monitorKeeps = (
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  secret: Uint8Array,
): Outcome<null> => callMonitor(p, domain, monitor, 'KEEP', { rcx: BigInt(secret.length), buffer: secret });

/** Has the monitor sign with it: 32 bytes. */
export function monitorSigns(
  p: Platform,
  domain: DomainCell,
  monitor: MonitorCell,
  message: Uint8Array,
): Outcome<Uint8Array> {
  const rcx = BigInt(message.length);
  const signed = callMonitor(p, domain, monitor, 'SIGN', { rcx, buffer: message });
  if (!signed.ok) return signed;
  return readBytes(p, { domain, vcpu: 0 }, monitor.area + AREA.buffer, SIGNATURE_BYTES);
}
