import { PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { allocate } from '../allocate';
import { convertPages } from '../convert';
import { type Vcpu, vcpuAccess } from '../memory';

/** A page for each vCPU, shared with the hypervisor (Linux arch/x86/coco/sev/core.c, setup_ghcb). */
export const setUpGhcbs = (p: Platform, { domain }: Vcpu): Outcome<null> =>
  p.trace.span('guest', domain.name, 'setup_ghcb', { vcpus: domain.vmcbs.length }, () => {
    const object = { name: 'GHCB', kind: 'bytes', length: domain.vmcbs.length * PAGE_SIZE } as const;
    const place = allocate(p, domain, object);
    if (!place.ok) return place;
    const how = { shared: true, flush: true, keep: false };
    const shared = convertPages(p, domain, place.value, domain.vmcbs.length, how);
    if (!shared.ok) return shared;
    for (let vcpu = 0; vcpu < domain.vmcbs.length; vcpu++) {
      const at = place.value + vcpu * PAGE_SIZE;
      const cleared = vcpuAccess(
        p,
        { domain, vcpu: 0 },
        'write',
        at,
        PAGE_SIZE,
        new Uint8Array(PAGE_SIZE),
        true,
      );
      if (!cleared.ok) return cleared;
    }
    const ghcbs = domain.vmcbs.map((_, vcpu) => place.value + vcpu * PAGE_SIZE);
    p.trace.patch('guest', domain.id, { ghcbs });
    return DONE;
  });
