/** Numbers of hypercalls (Xen xen/include/public/xen.h). */
export const HYPERCALL = { memory: 12, eventChannel: 32, hvm: 34 } as const;
