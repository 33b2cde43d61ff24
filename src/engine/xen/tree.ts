import type { Platform } from '../core/platform';

/** Has this Xen the parts for encrypted guests that nobody has merged: driver, hooks, hypercall? */
export const hasCoco = ({ config }: Platform): boolean => config.xen !== 'upstream';

/** Does this Xen flush when an encrypted guest dies, so that its ASID can be given out again? The RFC of 2025 leaks it instead. */
export const flushesAtDestroy = ({ config }: Platform): boolean =>
  config.xen === 'branch-coco' || config.xen === 'project';

/** Can createdomain carry an owner’s session to LAUNCH_START? */
export const carriesSessions = ({ config }: Platform): boolean =>
  config.xen === 'branch-coco' || config.xen === 'project';

/** Does this Xen know SEV-ES: INIT with its flag, VMSAs, LAUNCH_UPDATE_VMSA? The RFC of 2025 and the branch of 2024 do not. */
export const knowsEs = ({ config }: Platform): boolean =>
  config.xen === 'branch-coco' || config.xen === 'project';

/** Does this Xen know SEV-SNP: the RMP, SNP_INIT_EX, pages that change hands? Only the branch does, with sev=snp. */
export const knowsSnp = ({ config }: Platform): boolean =>
  config.xen === 'branch-coco' || config.xen === 'project';

/** Policy for a guest whose configuration names none (RFC: 0; branch: NODBG, NOKS and NOSEND; see vectors/xen.json defaultPolicies). */
export const defaultPolicy = ({ config }: Platform): number =>
  config.xen === 'branch-coco' || config.xen === 'project' ? 0x0b : 0;
