import { hex } from '../../engine/core/address';
import type { Change } from '../../engine/core/change';
import type { JsonObject } from '../../engine/core/json';
import { keyName } from '../../engine/core/key';
import { unpackPage } from '../../engine/core/page';
import { called, capital } from '../../engine/core/words';
import type { ChangeView } from '../protocol';
import { cellName } from './cellNames';

/** Bytes on their own: a view into a larger buffer would take all of it along to the window. */
const copied = (bytes: Uint8Array | null): Uint8Array | null => bytes?.slice() ?? null;

/** A change in words and plain data. */
export function changeView(change: Change, index: number): ChangeView {
  if (change.store === 'far') {
    const view = changeView(change.change, index);
    return { ...view, title: `Host B · ${view.title}` };
  }
  const base = { index, store: change.store, what: null, data: {}, rule: null, before: null, after: null };
  switch (change.store) {
    case 'dram':
      return {
        ...base,
        title: `DRAM ${hex(change.address)}: ${change.after.length} bytes`,
        before: copied(change.before),
        after: copied(change.after),
      };
    case 'page':
      return {
        ...base,
        title: `Page ${hex(change.pfn * 4096)}: ${pageDifference(change.before, change.after)}`,
        data: {
          pfn: change.pfn,
          before: { ...unpackPage(change.before) },
          after: { ...unpackPage(change.after) },
        },
      };
    case 'cache': {
      const line = change.after ?? change.before;
      const verb =
        change.after === null
          ? 'leaves'
          : change.before === null
            ? 'enters'
            : change.after.dirty
              ? 'written, dirty'
              : 'clean';
      return {
        ...base,
        title: `Cache ${change.complex}, line ${hex(line?.address ?? 0)}: ${verb}`,
        data: { complex: change.complex, address: line?.address ?? 0, key: keyName(line?.key ?? 0) },
        before: copied(change.before?.data ?? null),
        after: copied(change.after?.data ?? null),
      };
    }
    case 'tlb':
      return {
        ...base,
        title: `TLB ${change.core}: ${change.after ? 'entry' : 'no entry'} for ${hex((change.after ?? change.before)?.page ?? 0)}`,
        data: { core: change.core, slot: change.slot },
      };
    case 'cell':
      return {
        ...base,
        title: `${cellName(change.key)}: ${cellDifference(change.before, change.after)}`,
        data: {
          key: change.key,
          before: change.before as unknown as JsonObject,
          after: change.after as unknown as JsonObject,
        },
      };
    case 'fact':
      return {
        ...base,
        title: factTitle(change.what, change.data),
        what: change.what,
        data: change.data,
        rule: change.rule,
        after: copied(change.bytes),
      };
  }
}

function pageDifference(before: number, after: number): string {
  const [old, now] = [unpackPage(before), unpackPage(after)];
  const names = Object.keys(now) as (keyof typeof now)[];
  return names
    .filter((name) => old[name] !== now[name])
    .map((name) => `${name} ${old[name]} → ${now[name]}`)
    .join(', ');
}

function cellDifference(before: object | null, after: object | null): string {
  if (!before) return 'appears';
  if (!after) return 'goes';
  const old = before as Record<string, unknown>;
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(old[name]) !== JSON.stringify(value),
  );
  return changed
    .map(([name, value]) => (typeof value === 'object' ? name : `${name} = ${String(value)}`))
    .join(', ');
}

function factTitle(what: string, data: JsonObject): string {
  const at = typeof data.address === 'number' ? ` ${hex(data.address)}` : '';
  switch (what) {
    case 'core':
      return `Core ${data.core}: ${data.op}${at}`;
    case 'tlb':
      return `TLB ${data.event}${at}`;
    case 'walk':
      return `${data.table} table, level ${data.level}: ${data.decision}`;
    case 'rmp':
      return `RMP ${data.row}: ${data.decided === 'allowed' ? 'allowed' : `${data.decided} does not hold`}`;
    case 'key':
      return `Key: ${data.key}`;
    case 'cache':
      return `Cache ${data.complex}: ${data.event}${at}`;
    case 'controller':
      return `Controller ${data.direction}s${at} with ${data.key}`;
    case 'bus':
      return `Bus ${data.direction}${at} with ${data.key}`;
    case 'wrote':
      return `${capital(called(String(data.actor)))} wrote ${data.length} bytes${at && ` at${at}`}`;
    case 'saw':
      return `${capital(called(String(data.actor)))} saw ${data.length} bytes${at && ` at${at}`}`;
    case 'fault':
      return `${data.name}: ${data.message}`;
    default:
      return String(data.what ?? what);
  }
}
