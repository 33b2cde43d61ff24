import type { RmpEntry } from './entry';

/**
 * Bits of a VMPL’s byte in an entry; bits 7:5 are zero (APM vol. 2 §15.36.7; AMD-ASPFW sev_rmp.h). The machine has no shadow
 * stacks, so nothing asks for the last one.
 */
export const PERMISSIONS = {
  read: { bit: 0, help: 'read' },
  write: { bit: 1, help: 'write; illegal without read' },
  executeUser: { bit: 2, help: 'execute at CPL 3' },
  executeSupervisor: { bit: 3, help: 'execute below CPL 3' },
  shadowStack: { bit: 4, help: 'supervisor shadow stack' },
} as const;

export const READ = 1 << PERMISSIONS.read.bit;
export const WRITE = 1 << PERMISSIONS.write.bit;
export const EXECUTE_USER = 1 << PERMISSIONS.executeUser.bit;
export const EXECUTE_SUPERVISOR = 1 << PERMISSIONS.executeSupervisor.bit;

/** Everything, as RMPUPDATE leaves it to VMPL0. That hardware sets the five defined bits and no others is modelled. */
export const ALL_PERMISSIONS = 0x1f;

/** What a VMPL, 0 to 3, may do with the page of an entry. */
export const permissionsOf = ({ permissions }: RmpEntry, vmpl: number): number =>
  (permissions >>> (8 * vmpl)) & 0xff;

/** All four masks with one of them replaced. */
export const withPermissions = (permissions: number, vmpl: number, mask: number): number =>
  ((permissions & ~(0xff << (8 * vmpl))) | ((mask & 0xff) << (8 * vmpl))) >>> 0;
