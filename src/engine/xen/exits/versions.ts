/** GHCB protocol versions that this Xen offers (modelled: those that Linux KVM offers guests with SEV-ES). */
export const GHCB_VERSIONS = { min: 1, max: 2 } as const;
