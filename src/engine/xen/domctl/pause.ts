import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { EXIT } from '../../cpu/exits';
import { measure } from '../coco';
import { command } from '../driver/command';
import { leaveGuest } from '../stub';
import { call, chain } from '../trail';
import { finishSnpLaunch } from './snp';

/**
 * XEN_DOMCTL_unpausedomain. The first time it ends the creation, and with it the launch of an encrypted guest: unless
 * its owner wanted to see the measurement before, the two commands follow each other at once.
 */
export const unpauseDomain = (p: Platform, id: number): Outcome<DomainCell> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_unpausedomain'],
      ['xen', 'do_domctl'],
      ['xen', 'domain_unpause_by_systemcontroller'],
    ],
    { id },
    () => {
      if (!p.state.need('domain', id).finished) {
        const finished = chain(
          p,
          [
            ['xen', 'arch_domain_creation_finished'],
            ['xen', 'hvm_domain_creation_finished'],
          ],
          { id },
          () => finishCreation(p, id),
        );
        if (!finished.ok) return finished;
        p.trace.patch('domain', id, { finished: true });
      }
      p.trace.patch('domain', id, { paused: false });
      return ok(p.state.need('domain', id));
    },
  );

function finishCreation(p: Platform, id: number): Outcome<null> {
  const { handle, measurement, snp } = p.state.need('domain', id);
  if (snp) return finishSnpLaunch(p, id);
  if (handle === null) return DONE;
  return call(p, 'svm', 'coco_domain_creation_finished', { id }, () => {
    if (measurement === null) {
      const measured = measure(p, id);
      if (!measured.ok) return measured;
    }
    const finished = command(p, 'LAUNCH_FINISH', { HANDLE: handle });
    return finished.ok ? DONE : finished;
  });
}

/** XEN_DOMCTL_pausedomain: its vCPUs leave the cores and are not scheduled again. */
export const pauseDomain = (p: Platform, id: number): Outcome<null> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_pausedomain'],
      ['xen', 'do_domctl'],
      ['xen', 'domain_pause_by_systemcontroller'],
    ],
    { id },
    () => {
      takeOffCores(p, id);
      p.trace.patch('domain', id, { paused: true });
      return DONE;
    },
  );

export function takeOffCores(p: Platform, id: number): void {
  for (let core = 0; core < p.state.tlbs.length; core++)
    if (p.state.need('core', core).domain === id) leaveGuest(p, core, { code: EXIT.INTR });
}
