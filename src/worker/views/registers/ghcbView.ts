import { hex } from '../../../engine/core/address';
import { readUint, toHex } from '../../../engine/core/bytes';
import type { Platform } from '../../../engine/core/platform';
import { exitCodeOf, exitName } from '../../../engine/cpu/exits';
import { naeEvent } from '../../../engine/cpu/ghcb/events';
import {
  GHCB_FIELD_NAMES,
  GHCB_FIELDS,
  GHCB_PARTS,
  isValid,
  readGhcb,
} from '../../../engine/cpu/ghcb/layout';
import { decodeGhcbMsr, GHCB_MSR } from '../../../engine/cpu/ghcb/msr';
import { decodeResult } from '../../../engine/cpu/ghcb/result';
import { domainNamed } from '../../../engine/xen/domain';
import type { GhcbFieldView, GhcbView, VcpuChoice } from '../../registersProtocol';
import { exitDetail } from './control';
import { ghcbPage } from './ghcbPage';
import { hexOf } from './rows';
import { heldRegisters, vcpuAt } from './vcpu';

type GhcbPart = keyof typeof GHCB_PARTS;

/** Parts that are bytes and no number. */
const BYTES: readonly GhcbPart[] = ['validBitmap', 'sharedBuffer', 'reserved'];

function fieldsOf(page: Uint8Array): GhcbFieldView[] {
  const fields = GHCB_FIELD_NAMES.map((name): GhcbFieldView => {
    const { offset, size, label, help } = GHCB_FIELDS[name];
    const value = hexOf(readGhcb(page, name), size);
    return { name, label, offset, size, help, value, valid: isValid(page, name), changed: false };
  });
  const parts = (Object.keys(GHCB_PARTS) as GhcbPart[]).map((name): GhcbFieldView => {
    const { offset, size, label, help } = GHCB_PARTS[name];
    const number = BYTES.includes(name) ? null : hexOf(readUint(page, offset, size), size);
    const value = name === 'validBitmap' ? toHex(page.subarray(offset, offset + size)) : number;
    return { name, label, offset, size, help, value, valid: null, changed: false };
  });
  return [...fields, ...parts].sort((a, b) => a.offset - b.offset);
}

/** What a page says to its reader: a request while SW_EXITCODE is marked, an answer while only the results are. */
function saysOf(page: Uint8Array): string | null {
  const [info1, info2] = [readGhcb(page, 'swExitInfo1'), readGhcb(page, 'swExitInfo2')];
  const code = exitCodeOf(readGhcb(page, 'swExitCode'));
  const name = naeEvent(code)?.name ?? exitName(code);
  if (isValid(page, 'swExitCode'))
    return ['The guest asks', [name, ...exitDetail(code, info1, info2)].join(', ')].join(': ');
  if (!isValid(page, 'swExitInfo1')) return null;
  const result = decodeResult(info1, info2);
  switch (result.kind) {
    case 'done':
      return `Xen answers ${name}: done`;
    case 'exception':
      return `Xen answers ${name}: raise exception ${result.event.vector}`;
    case 'refused':
      return `Xen answers ${name}: refused, ${result.reason ?? `reason ${result.code}`}`;
    case 'unknown':
      return `Xen answers ${name}: ${hex(info1)}, which means nothing`;
  }
}

function msrOf(raw: bigint): GhcbView['msr'] {
  const message = decodeGhcbMsr(raw);
  const title = message.name ? GHCB_MSR[message.name].title : 'no message of the protocol';
  return { value: hexOf(raw, 8), says: title };
}

/** A vCPU’s GHCB as a structure over the bytes of its page; null: it has none. */
export function ghcbView(p: Platform, { guest, vcpu }: VcpuChoice): GhcbView | null {
  const domain = domainNamed(p, guest);
  const found = domain.ok ? ghcbPage(p, domain.value, vcpu) : null;
  if (!domain.ok || !found) return null;
  const { page, gva, gpa, key } = found;
  return {
    gva,
    gpa,
    spa: page.spa,
    key,
    shared: page.open(0, page.bytes.length),
    bytes: page.bytes.slice(),
    fields: fieldsOf(page.bytes),
    says: saysOf(page.bytes),
    msr: msrOf(heldRegisters(p, vcpuAt(p, domain.value, vcpu)).ghcb),
  };
}

/** Marks what differs from a moment before. */
export function markedGhcb(now: GhcbView, before: GhcbView | null): GhcbView {
  if (!before) return now;
  const changed = ({ offset, size }: GhcbFieldView): boolean =>
    toHex(now.bytes.subarray(offset, offset + size)) !== toHex(before.bytes.subarray(offset, offset + size));
  const fields = now.fields.map((field, index) => ({
    ...field,
    changed: changed(field) || before.fields[index]?.valid !== field.valid,
  }));
  return { ...now, fields };
}
