/** Who acts. The neighbour of a guest is another guest. */
export const ACTORS = ['guest', 'hypervisor', 'toolstack', 'firmware', 'device', 'physical'] as const;
export type Actor = (typeof ACTORS)[number];
