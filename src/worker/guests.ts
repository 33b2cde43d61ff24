import type { Platform } from '../engine/core/platform';
import { domains } from '../engine/xen/domains';
import type { GuestSummary } from './protocol';

/** The living guests of a machine, with what they have allocated. */
export const guestSummaries = (p: Platform): GuestSummary[] =>
  domains(p)
    .filter(({ alive }) => alive)
    .map(({ id, name, alive, sev, asid, memory, core }) => ({
      id,
      name,
      alive,
      sev,
      asid,
      memory,
      core,
      objects: p.state.cell('guest', id)?.objects ?? [],
    }));
