import { PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { frameBehind } from '../nested';
import { type Asked, NOTHING, type SoftwareAnswer } from './answer';
import type { Left } from './left';
import { readGuest, writeGuest } from './scratch';
import { patchVcpu, vcpuOf } from './vcpus';

/** The doorbell page: where a hypervisor tells a guest with RestrictedInjection what #HV is about. */
const DOORBELL_RULES = {
  page: {
    id: 'xen.doorbell-page',
    says: 'A guest with RestrictedInjection shares a page in which Xen leaves pending events; byte 0 is the vector of an interrupt.',
    source: 'GHCB specification #56421 (#HV doorbell page); coconut-svsm kernel/src/sev/hv_doorbell.rs',
    standing: 'published',
  },
  none: {
    id: 'xen.doorbell-none',
    says: 'Without a doorbell page Xen has no place to say what #HV is about.',
    source: 'GHCB specification #56421 (#HV doorbell page)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** SW_EXITINFO1 of event 8000_0014. */
export const DOORBELL = { preferred: 0n, set: 1n, query: 2n, clear: 3n } as const;
/** The answer to “preferred”: none. */
const NONE = (1n << 64n) - 1n;

/** Event 8000_0014. */
export function doorbellPage(p: Platform, { domain, vcpu, info1, info2 }: Asked): SoftwareAnswer {
  const known = vcpuOf(p, domain, vcpu).doorbell ?? null;
  switch (info1) {
    case DOORBELL.preferred:
      return { registers: {}, info2: NONE };
    case DOORBELL.set: {
      const gpa = Number(info2);
      if (gpa % PAGE_SIZE !== 0 || frameBehind(p, domain, gpa) === null) return { refused: 'invalid input' };
      p.trace.fact('note', { what: 'doorbell', vcpu, gpa }, DOORBELL_RULES.page);
      patchVcpu(p, domain, vcpu, { doorbell: gpa });
      return { registers: {}, info2 };
    }
    case DOORBELL.query:
      return { registers: {}, info2: BigInt(known ?? 0) };
    case DOORBELL.clear:
      patchVcpu(p, domain, vcpu, { doorbell: null });
      return NOTHING;
    default:
      return { refused: 'invalid input' };
  }
}

/** Leaves a vector in the doorbell page of a vCPU. */
export function ring(
  p: Platform,
  domain: DomainCell,
  vcpu: number,
  core: number,
  vector: number,
): Outcome<null> {
  const { doorbell = null } = vcpuOf(p, domain, vcpu);
  if (doorbell === null)
    return p.trace.refused(
      refuse(
        DOORBELL_RULES.none,
        'refused',
        `${domain.name}’s vCPU ${vcpu} has no doorbell page.`,
        { vcpu },
        'guest.doorbell.',
      ),
    );
  const { complex } = p.state.need('core', core);
  const left: Left = { domain, vcpu, core, complex };
  const pending = readGuest(p, left, doorbell, 1);
  if (!pending.ok) return pending;
  const written = writeGuest(p, left, doorbell, Uint8Array.of(vector));
  return written.ok ? ok(null) : written;
}
