/** Who acts. The neighbour of a guest is another guest; `owner` is a guest’s owner, who is far away and trusts no host. */
export const ACTORS = [
  'guest',
  'hypervisor',
  'toolstack',
  'firmware',
  'device',
  'owner',
  'physical',
] as const;
export type Actor = (typeof ACTORS)[number];
