import { GUEST_BASE, hex, PAGE_SIZE } from '../../engine/core/address';
import { bytesEqual } from '../../engine/core/bytes';
import type { Fault } from '../../engine/core/fault';
import { type KeySelector, keyName } from '../../engine/core/key';
import type { Platform } from '../../engine/core/platform';
import { selectKey } from '../../engine/cpu/key';
import { keyContext, selector } from '../../engine/cpu/mode';
import { translate } from '../../engine/cpu/translate';
import { DMA_RULES } from '../../engine/device/dma';
import { gpaOf, idle, isUp, look, modeOf, onCore } from '../../engine/look';
import { reach } from '../../engine/memory/regions';
import { POWER_RULES } from '../../engine/physical/power';
import { livingDomains } from '../../engine/xen/domains';
import { hostVirtual } from '../../engine/xen/host';
import type { CheckView, PageView } from '../protocol';

type Attempt = PageView['attempts'][number];

/** If each of these read the page now: every check in its order, and what would come of it. */
export function attemptsAt(p: Platform, spa: number): Attempt[] {
  if (!isUp(p)) return [probe(p, spa)];
  const guests = livingDomains(p).flatMap(({ name, ...domain }) => {
    const gpa = gpaOf({ name, ...domain }, spa);
    if (gpa === null) return [];
    return [byCore(p, name, 'reads', gpa + GUEST_BASE, spa), byCore(p, name, 'runs', gpa + GUEST_BASE, spa)];
  });
  return [
    ...guests,
    byCore(p, 'xen', 'reads', hostVirtual(spa, 'mapped'), spa),
    byCore(p, 'xen', 'reads with C = 0', hostVirtual(spa, '0'), spa),
    byCore(p, 'xen', 'reads with C = 1', hostVirtual(spa, '1'), spa),
    device(p, spa),
    probe(p, spa),
  ];
}

function byCore(p: Platform, who: string, op: string, virtual: number, spa: number): Attempt {
  const fault = idle(p, who);
  const mode = modeOf(p, who);
  if (fault || !mode) return notRun(who, op, fault);
  const { outcome } = translate(onCore(p, mode), mode.id, virtual, op === 'runs' ? 'fetch' : 'read');
  if (!outcome.ok) {
    const { fault } = outcome;
    return {
      who,
      op,
      outcome: fault.name,
      fault,
      checks: [{ title: 'Translation', passed: false, detail: fault.message, rule: fault.rule }],
    };
  }
  const found = outcome.value;
  const choice = selectKey({
    ...keyContext(p, mode.cell),
    kind: op === 'runs' ? 'fetch' : 'data',
    c: found.c,
    nestedC: found.nestedC,
  });
  const key = selector(choice.key, mode.cell.asid);
  const reached = reach(p, found.spa, 1);
  const checks: CheckView[] = [
    {
      title: 'Translation',
      passed: true,
      detail: `${hex(virtual)} → SPA ${hex(found.spa)}${found.fromTlb ? ', from the TLB' : ''}`,
      rule: null,
    },
    { title: 'Key', passed: true, detail: keyName(key), rule: choice.rule },
    {
      title: 'Memory map',
      passed: reached.ok,
      detail: reached.ok ? reached.value.name : reached.fault.message,
      rule: reached.ok ? null : reached.fault.rule,
    },
  ];
  return {
    who,
    op,
    checks,
    outcome: reached.ok ? result(p, found.spa, key, found.spa === spa) : reached.fault.name,
    fault: reached.ok ? null : reached.fault,
  };
}

/** Nobody runs the reader, or nobody could. */
function notRun(who: string, op: string, fault: Fault | null): Attempt {
  const detail = fault?.message ?? `${who} has no core.`;
  const check: CheckView = { title: 'VMRUN', passed: false, detail, rule: fault?.rule ?? null };
  return { who, op, outcome: fault?.name ?? 'refused', fault, checks: [check] };
}

/** What the bytes would be to the reader: `plaintext` when they were last encrypted for the key it uses. */
function result(p: Platform, spa: number, key: KeySelector, here: boolean): string {
  const last = (p.state.pages.get(Math.floor(spa / PAGE_SIZE)) >>> 10) & 0x3ff;
  const where = here ? '' : ` of another frame, ${hex(spa)}`;
  if (last === 0) return `bytes of a page never written${where}`;
  if (last - 2 === key) return `the bytes as they were written${where}`;
  return key < 0 ? `ciphertext${where}` : `noise${where}: another key`;
}

function device(p: Platform, spa: number): Attempt {
  const assigned = p.state.need('device').domain;
  const address = assigned === null ? spa : gpaOf(p.state.need('domain', assigned), spa);
  if (address === null)
    return {
      who: 'device',
      op: 'reads',
      checks: [
        {
          title: 'IOMMU',
          passed: false,
          detail: 'No address of the guest that has the device leads to this frame.',
          rule: DMA_RULES.iommu,
        },
      ],
      outcome: 'out of reach',
      fault: null,
    };
  const seen = look(p, { eye: 'device' }, address, 64);
  const checks: CheckView[] = [
    {
      title: 'IOMMU',
      passed: seen.ok,
      detail: seen.ok ? `bus address ${hex(address)}` : seen.fault.message,
      rule: DMA_RULES.iommu,
    },
    ...(seen.ok ? [{ title: 'Key', passed: true, detail: seen.key, rule: DMA_RULES.noGuestKey }] : []),
  ];
  return {
    who: 'device',
    op: 'reads',
    checks,
    outcome: seen.ok
      ? sameAsStick(p, spa, seen.bytes)
        ? 'what the stick holds'
        : 'decrypted bytes'
      : seen.fault.name,
    fault: seen.ok ? null : seen.fault,
  };
}

const sameAsStick = (p: Platform, spa: number, bytes: Uint8Array): boolean =>
  bytesEqual(p.state.dram.read(spa, bytes.length), bytes);

const probe = (p: Platform, spa: number): Attempt => ({
  who: 'DRAM probe',
  op: 'reads',
  checks: [
    { title: 'Bus', passed: true, detail: 'No check: a probe reads the wires.', rule: POWER_RULES.remanence },
  ],
  outcome: ((p.state.pages.get(spa / PAGE_SIZE) >>> 10) & 0x3ff) > 1 ? 'ciphertext' : 'the bytes as they are',
  fault: null,
});
