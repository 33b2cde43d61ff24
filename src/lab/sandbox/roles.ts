/** Whose hands the person has. */
export const ROLES = ['hypervisor', 'device', 'probe'] as const;
export type Role = (typeof ROLES)[number];

/** What each may do besides letting Alice go on. The hypervisor programs the devices, and rings the secure processor. */
const MOVES: Readonly<Record<Role, RegExp>> = {
  hypervisor: /^(?:host|cpu|xen|device)\.|^asp\.(?:command|mailbox)$/,
  device: /^device\.(?:read|write)$/,
  probe: /^probe\./,
};

export const mayDo = (role: Role, type: string): boolean => MOVES[role].test(type);
