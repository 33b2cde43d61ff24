import type { Platform } from '../core/platform';

/**
 * Is a page in use? VMRUN marks the VMCB and the VMSA of a vCPU, and #VMEXIT lets them go (APM vol. 2 table 15-41): so they
 * are those of the vCPUs that cores are running; the VMSA is the one that VMRUN loaded.
 */
export const isInUse = (p: Platform, spa: number, size: number): boolean =>
  p.state.tlbs.some((_, core) => {
    const cell = p.state.cell('core', core);
    const domain = cell?.domain == null ? null : p.state.cell('domain', cell.domain);
    if (!cell || !domain) return false;
    return [domain.vmcbs[cell.vcpu], cell.es ? cell.vmsa : undefined].some(
      (page) => page !== undefined && page >= spa && page < spa + size,
    );
  });
