import { assign, type Step } from './draft';

/** Disks, networks, screens: kept as they stand. xl would look into each, and ends at a bad disk; this does not. */
export const aboutDevices: Step = (draft, reader) => {
  const { other, type } = draft;
  assign(draft, 'disk', reader.list('disk'));
  assign(draft, 'vif', reader.list('vif'));
  const vfb = reader.list('vfb');
  assign(other, 'vfb', vfb);
  assign(other, 'cpuid', reader.listOrString('cpuid'));
  if (type !== 'pv' || !vfb?.length) assign(other, 'vnc', reader.bool('vnc'));
  if (type === 'hvm') assign(other, 'serial', reader.listOrString('serial'));
  assign(other, 'trapUnmappedAccesses', reader.bool('trap_unmapped_accesses'));
  assign(other, 'vpmu', reader.bool('vpmu'));
  return null;
};
