import { hex } from '../../engine/core/address';
import type { CoreCell } from '../../engine/core/cells';
import { keyName } from '../../engine/core/key';
import type { Platform } from '../../engine/core/platform';
import { featuresOf } from '../../engine/cpu/cpuid';
import { selectKey } from '../../engine/cpu/key';
import { guestFormat, hostFormat, keyContext, selector } from '../../engine/cpu/mode';
import { translate } from '../../engine/cpu/translate';
import { modeOf, onCore } from '../../engine/look';
import { type EntryFormat, isLeaf, sizeName, type WalkStep } from '../../engine/memory/pageTable';
import { reach } from '../../engine/memory/regions';
import type { CheckView, WalkEntryView, WalkView } from '../protocol';

/** The walk that an access at this address would make now, entry by entry, past the TLB. */
export function walkView(p: Platform, who: string, virtual: number): WalkView | null {
  const mode = modeOf(p, who);
  if (!mode) return null;
  const view = onCore(p, mode, { withTlb: false });
  const { outcome, steps } = translate(view, mode.id, virtual, 'read');
  const entries = steps.map((step) => entryView(p, mode.cell, step));
  const walked: CheckView = {
    title: 'Translation',
    passed: outcome.ok,
    detail: outcome.ok ? `${hex(virtual)} → SPA ${hex(outcome.value.spa)}` : outcome.fault.message,
    rule: outcome.ok ? null : outcome.fault.rule,
  };
  if (!outcome.ok) return { who, virtual, result: null, fault: outcome.fault, entries, checks: [walked] };
  const found = outcome.value;
  const choice = selectKey({ ...keyContext(p, mode.cell), kind: 'data', c: found.c, nestedC: found.nestedC });
  const key = keyName(selector(choice.key, mode.cell.asid));
  const reached = reach(p, found.spa, 1);
  return {
    who,
    virtual,
    result: { spa: found.spa, key, pageSize: found.size },
    fault: reached.ok ? null : reached.fault,
    entries,
    checks: [
      walked,
      { title: 'Key', passed: true, detail: key, rule: choice.rule },
      {
        title: 'Memory map',
        passed: reached.ok,
        detail: reached.ok ? reached.value.name : reached.fault.message,
        rule: reached.ok ? null : reached.fault.rule,
      },
    ],
  };
}

function entryView(p: Platform, core: CoreCell, step: WalkStep): WalkEntryView {
  const format = step.table === 'guest' ? guestFormat(p, core.sev) : hostFormat(p);
  return {
    table: step.table,
    level: step.level,
    index: step.index,
    address: step.address,
    gpa: step.gpa,
    raw: `0x${step.raw.toString(16).padStart(16, '0')}`,
    key: keyName(step.key),
    fields: entryFields(step.raw, step.level, format, featuresOf(p.state).cBit),
    decision: step.decision,
  };
}

/** The fields of an entry, most significant first. */
function entryFields(raw: bigint, level: number, format: EntryFormat, cBit: number): WalkEntryView['fields'] {
  const bit = (n: number) => ((raw >> BigInt(n)) & 1n).toString();
  const leaf = isLeaf(raw, level);
  const fields = [
    { name: 'NX', bits: '63', value: bit(63) },
    ...(format.cMask === 0n ? [] : [{ name: 'C', bits: String(cBit), value: bit(cBit) }]),
    {
      name: leaf
        ? `page frame (${sizeName(level === 1 ? 4096 : level === 2 ? 2 ** 21 : 2 ** 30)})`
        : 'next table',
      bits: '51:12',
      value: hex(raw & format.addressMask),
    },
    { name: 'PS', bits: '7', value: bit(7) },
    { name: 'D', bits: '6', value: bit(6) },
    { name: 'A', bits: '5', value: bit(5) },
    { name: 'U/S', bits: '2', value: bit(2) },
    { name: 'R/W', bits: '1', value: bit(1) },
    { name: 'P', bits: '0', value: bit(0) },
  ];
  const reserved = raw & format.reservedMask;
  return reserved === 0n
    ? fields
    : [{ name: 'reserved bits set', bits: '51:12', value: hex(reserved) }, ...fields];
}
