import { STATUSES } from '../../../engine/core/status';
import { CALLS } from '../../../engine/xen/path/calls';
import type { Call } from '../../../engine/xen/path/calls/call';
import { TIMELINE } from '../../../engine/xen/path/timeline';
import type { EnablingView, Piece, SevTechnology } from '../../protocol';
import { LANES } from './view';

/** Which technology needs a call first: its name and the commands that it submits tell. */
function technologyOf(name: string, { aspCommands = [], note = '' }: Call): SevTechnology {
  if (/snp/i.test(name) || aspCommands.some((command) => command.startsWith('SNP_'))) return 'sev-snp';
  if (/SEV-ES|VMSA|GHCB/.test(`${name} ${note}`)) return 'sev-es';
  return 'sev';
}

/** Every piece between xl and the firmware that upstream lacks, and what happened on the way. */
export function enablingView(): EnablingView {
  const pieces = Object.entries(CALLS)
    .filter(([, { status }]) => status !== 'upstream' && status !== 'hardware')
    .map(([name, call]): Piece => {
      const { layer, status, file, source, note = null, alternativeTo = null } = call;
      return {
        name,
        lane: layer,
        technology: technologyOf(name, call),
        status,
        file,
        source,
        note,
        insteadOf: alternativeTo,
      };
    });
  return { lanes: LANES, pieces, timeline: TIMELINE, statuses: STATUSES };
}
