import { readUint } from '../../../engine/core/bytes';
import type { Platform } from '../../../engine/core/platform';
import { exitCodeOf, exitName } from '../../../engine/cpu/exits';
import { GHCB_FIELD_NAMES, GHCB_FIELDS, isValid, readGhcb } from '../../../engine/cpu/ghcb/layout';
import { VMCB_FIELDS } from '../../../engine/cpu/vmcb';
import { domainNamed } from '../../../engine/xen/domain';
import type { CarriedView, VcpuChoice } from '../../registersProtocol';
import { exitDetail } from './control';
import { ghcbPage } from './ghcbPage';
import { hexOf, rowsOf } from './rows';
import { type Vcpu, vcpuAt } from './vcpu';

function find(p: Platform, { guest, vcpu }: VcpuChoice): Vcpu | null {
  const domain = domainNamed(p, guest);
  return domain.ok ? vcpuAt(p, domain.value, vcpu) : null;
}

/** Why the guest left, as the VMCB says it. */
export function reasonAt(p: Platform, choice: VcpuChoice): CarriedView[] {
  const found = find(p, choice);
  if (!found) return [];
  const field = (name: 'exitCode' | 'exitInfo1' | 'exitInfo2'): bigint => {
    const { offset, size } = VMCB_FIELDS[name];
    return readUint(found.vmcb.bytes, offset, size);
  };
  const code = exitCodeOf(field('exitCode'));
  const detail = exitDetail(code, field('exitInfo1'), field('exitInfo2'));
  const reason = { label: 'EXITCODE', value: exitName(code) };
  return [reason, ...detail.map((value) => ({ label: 'EXITINFO', value }))];
}

/** Every register that Xen finds as the guest has it. */
export function registersAt(p: Platform, choice: VcpuChoice): CarriedView[] {
  const found = find(p, choice);
  if (!found) return [];
  return rowsOf(p, found, null).flatMap(({ label, cells: { xen } }) =>
    xen?.reach === 'both' ? [{ label, value: xen.value }] : [],
  );
}

/** Every field of the GHCB that is marked valid. */
export function validAt(p: Platform, choice: VcpuChoice): CarriedView[] {
  const found = find(p, choice);
  const ghcb = found && ghcbPage(p, found.domain, found.vcpu);
  if (!ghcb) return [];
  const { bytes } = ghcb.page;
  return GHCB_FIELD_NAMES.filter((name) => isValid(bytes, name)).map((name) => ({
    label: GHCB_FIELDS[name].label,
    value: hexOf(readGhcb(bytes, name), GHCB_FIELDS[name].size),
  }));
}
