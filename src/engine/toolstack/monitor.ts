import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, type Rule, refuse } from '../core/fault';
import type { GuestObject } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { bootGuest } from '../guest/boot';
import { installMonitor } from '../guest/svsm/install';
import type { SevType, XlConfig } from '../xen/xl/config';
import type { Piece } from './image';

const NEEDS_SNP: Rule = {
  id: 'xl.svsm',
  says: 'A monitor at VMPL0 needs privilege levels, which only SNP guests have.',
  source: 'APM vol. 2 §15.36.7; the key svsm is this project’s own, nobody proposes one',
  standing: 'modelled',
};

/** Why a guest cannot have the monitor that its configuration asks for, or null. */
export function monitorRefusal(
  { name, encrypted, svsm }: XlConfig,
  sevType: SevType,
): { readonly ok: false; readonly fault: Fault } | null {
  if (!svsm || (encrypted && sevType === 'sev-snp')) return null;
  return refuse(NEEDS_SNP, 'EINVAL', `${name} is no SNP guest and takes no monitor.`, { name }, 'svsm = 0.');
}

/** The kernel boots; with a monitor, which its image carries, it goes on at a level below. */
export function boot(p: Platform, domain: DomainCell, modules: readonly GuestObject[]): Outcome<null> {
  const booted = bootGuest(p, domain, modules);
  return booted.ok && domain.svsm ? installMonitor(p, domain) : booted;
}

/** Where the image carries the monitor, and its loop: serve, VMGEXIT, again (modelled). */
const AT = 0x400;
const LOOP = Uint8Array.of(0xf3, 0x0f, 0x01, 0xd9, 0xeb, 0xfa);

/** The kernel’s piece of the image with the monitor in it: so it is measured. */
export function withMonitor({ name, bytes }: Piece): Piece {
  const carrying = bytes.slice();
  carrying.set(LOOP, AT);
  return { name, bytes: carrying };
}
