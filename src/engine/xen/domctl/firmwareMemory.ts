import { PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, ok } from '../../core/fault';
import { OWNER_GUEST } from '../../core/page';
import type { Platform } from '../../core/platform';
import { noRoomForTables, takeFrames, takenSince } from '../frames';
import { mapRange } from '../tables';
import { call } from '../trail';

/**
 * XENMEM_populate_physmap for the guest frames in which a firmware image lies, in pages of 4 KiB: they are launched one by one.
 * Answers with the domain.
 * @param gpa below 4 GiB, behind the domain’s memory.
 */
export const populateFirmware = (p: Platform, id: number, gpa: number, pages: number): Outcome<DomainCell> =>
  call(p, 'hypercall', 'XENMEM_populate_physmap', { id, gfn: gpa / PAGE_SIZE, pages }, () => {
    const domain = p.state.need('domain', id);
    const crowded = noRoomForTables(p, pages);
    if (crowded) return crowded;
    const taken = takeFrames(p, 'free', pages, OWNER_GUEST + id);
    if (!taken.ok) return taken;
    const { heap } = p.state.need('xen');
    p.trace.patch('domain', id, {
      frames: [...domain.frames, ...taken.value],
      firmware: { gfn: gpa / PAGE_SIZE, pages },
    });
    let mapped: Outcome<null> = DONE;
    let at = gpa;
    for (const [first, count] of taken.value) {
      if (mapped.ok) mapped = mapRange(p, domain.nestedRoot, at, first * PAGE_SIZE, count, PAGE_SIZE, false);
      at += count * PAGE_SIZE;
    }
    p.trace.patch('domain', id, { tableFrames: [...domain.tableFrames, ...takenSince(p, heap)] });
    return mapped.ok ? ok(p.state.need('domain', id)) : mapped;
  });
