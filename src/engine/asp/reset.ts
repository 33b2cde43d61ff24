import type { CellKind } from '../core/cells';
import type { Platform } from '../core/platform';

/** What the firmware keeps in its own memory and registers: gone with the power. The flash memory keeps its content. */
const VOLATILE: ReadonlySet<string> = new Set<CellKind>([
  'platform',
  'mailbox',
  'handle',
  'asids',
  'asid',
  'wbinvd',
  'syscfg',
  'rmp',
  'snp',
  'context',
]);

/** The secure processor starts anew: everything that no cell describes is as after a reset. */
export function forgetFirmware(p: Platform): void {
  for (const [key] of p.state.allCells()) {
    const [kind, number] = key.split('/') as [CellKind, string];
    if (VOLATILE.has(kind)) p.trace.set(kind, Number(number), null);
  }
}
