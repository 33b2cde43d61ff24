import type { Platform } from '../../../engine/core/platform';
import type { KeptTrace } from '../../../engine/core/traceCells';
import { EXIT, exitName } from '../../../engine/cpu/exits';
import type { SeenExitView, TraceView } from '../../registersProtocol';

/** The traces that Xen keeps of guests’ runs, oldest first. */
export const tracesView = (p: Platform): TraceView[] =>
  (p.state.cell('traces')?.kept ?? []).map((kept) => ({
    name: kept.name,
    guest: p.state.cell('domain', kept.domain)?.name ?? '',
    frames: framesOf(kept),
  }));

/** Pages are numbered as they come, so that runs of guests that lie elsewhere can be laid side by side. */
function framesOf({ exits }: KeptTrace): SeenExitView[] {
  const pages = [...new Set(exits.flatMap(({ page }) => page ?? []))];
  return exits.map(({ code, retired, page, access }) => {
    if (page !== undefined && access) return { kind: 'page', retired, page: pages.indexOf(page) + 1, access };
    return code === EXIT.INTR ? { kind: 'step', retired } : { kind: 'exit', retired, name: exitName(code) };
  });
}
