import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { readU64 } from '../core/bytes';
import type { CoreCell } from '../core/cells';
import { type Fault, ok } from '../core/fault';
import { HOST_KEY, type KeySelector, NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import { peekBytes } from '../memory/cache';
import {
  type EntryRead,
  isStop,
  type Leaf,
  PAGING_RULES,
  type WalkEnd,
  type WalkStep,
  walkTables,
} from '../memory/pageTable';
import { reach } from '../memory/regions';
import { snpEnabled } from '../rmp/table';
import { selectKey } from './key';
import { guestFormat, hostFormat, keyContext, memEncryption, selector } from './mode';
import { nestedFault, type Operation, pageFault } from './pageFaults';
import { type Asked, askForTable, refusalOfRmp } from './rmpGate';

/** Where an access arrives. */
export interface Arrival {
  readonly spa: number;
  /** GPA on the way, where the tables of a guest and of its host lie between. */
  readonly gpa: number | null;
  /** C-bit of the first leaf (host or guest) and of the nested leaf. */
  readonly c: boolean;
  readonly nestedC: boolean;
  readonly writable: boolean;
  readonly size: number;
  /** The nested mapping, or the host’s, is of 2 MiB or more. */
  readonly large: boolean;
}

/** A walk that the RMP has stopped tells what it was asked. */
export type Walked =
  | { readonly ok: true; readonly value: Arrival }
  | { readonly ok: false; readonly fault: Fault; readonly asked?: Asked };

function readEntry(p: Platform, core: CoreCell, address: number, key: KeySelector): EntryRead | null {
  if (!reach(p, address, 8).ok) return null;
  return { raw: readU64(peekBytes(p, core.complex, address, 8, key), 0), address, key };
}

/** Host tables: virtual to SPA. */
export function walkHost(
  p: Platform,
  core: CoreCell,
  virtual: number,
  op: Operation,
  steps: WalkStep[],
): Walked {
  const gate = tableGate(p, core, virtual);
  const read = (address: number, c: boolean) =>
    gate?.refuses({ spa: address, gpa: null, large: false })
      ? null
      : readEntry(p, core, address, c && memEncryption(p) ? HOST_KEY : NO_KEY);
  const end = walkTables('host', core.hostCr3, core.hostCr3C, virtual, hostFormat(p), read, steps);
  if (gate?.refused) return gate.refused;
  if (isStop(end)) return pageFault('Host', virtual, end);
  if (op === 'write' && !end.writable) return pageFault('Host', virtual, { rule: PAGING_RULES.readOnly });
  const { address: spa, ...rest } = end;
  return ok({ ...rest, spa, gpa: null, nestedC: false, large: end.size >= LARGE_PAGE_SIZE });
}

/** What asks the RMP about each page table on the way; null while SNP is not enabled. */
function tableGate(p: Platform, core: CoreCell, virtual: number) {
  if (!snpEnabled(p)) return null;
  return {
    refused: null as Exclude<Walked, { readonly ok: true }> | null,
    refuses(table: Parameters<typeof askForTable>[2]): boolean {
      const asked = askForTable(p, core, table);
      const fault = refusalOfRmp(asked, virtual);
      if (fault) this.refused = { ok: false, fault, asked };
      return fault !== null;
    },
  };
}

/** The hypervisor's tables of a guest: GPA to SPA. */
export function walkNested(p: Platform, core: CoreCell, address: number, steps: WalkStep[]): WalkEnd {
  const context = keyContext(p, core);
  const read = (at: number, parentC: boolean) => {
    const { key } = selectKey({ ...context, kind: 'nested-walk', c: false, nestedC: parentC });
    return readEntry(p, core, at, selector(key, core.asid));
  };
  return walkTables('nested', core.nestedCr3, core.nestedCr3C, address, hostFormat(p), read, steps);
}

/**
 * Without nested paging a guest runs on tables that the hypervisor made for it (APM vol. 2 §15.21, shadow paging): they
 * lead straight to system physical addresses, and their C-bits are the hypervisor's.
 */
export function walkShadow(
  p: Platform,
  core: CoreCell,
  virtual: number,
  op: Operation,
  steps: WalkStep[],
): Walked {
  if (!core.guestPaging) {
    const whole = { writable: true, size: PAGE_SIZE, large: false };
    return ok({ spa: virtual, gpa: null, c: false, nestedC: false, ...whole });
  }
  const end = walkNested(p, core, virtual, steps);
  if (isStop(end)) return pageFault('Guest', virtual, end);
  if (op === 'write' && !end.writable) return pageFault('Guest', virtual, { rule: PAGING_RULES.readOnly });
  const large = end.size >= LARGE_PAGE_SIZE;
  return ok({ ...end, spa: end.address, gpa: null, c: false, nestedC: end.c, large });
}

/** The two-dimensional walk: each guest entry is found through the nested tables and read with the guest's key. */
export function walkGuest(
  p: Platform,
  core: CoreCell,
  virtual: number,
  op: Operation,
  steps: WalkStep[],
): Walked {
  let fault: Fault | null = null;
  const gate = tableGate(p, core, virtual);
  const nested = (address: number, as: Operation, table: boolean, c: boolean): Leaf | null => {
    const end = walkNested(p, core, address, steps);
    const failed = nestedFault(address, end, as, { table, enc: core.snp && c });
    if (!isStop(end) && !failed) return end;
    fault = failed;
    return null;
  };
  const findTable = (gpa: number): Leaf | null => {
    const found = nested(gpa, 'write', true, true);
    if (!found) return null;
    const table = { spa: found.address, gpa, large: found.size >= LARGE_PAGE_SIZE };
    return gate?.refuses(table) ? null : found;
  };
  const first = core.guestPaging
    ? walkOwnTables(p, core, virtual, findTable, steps)
    : { address: virtual, size: PAGE_SIZE, c: core.sev, writable: true };
  if (gate?.refused) return gate.refused;
  if (fault) return { ok: false, fault };
  if (isStop(first)) return pageFault('Guest', virtual, first);
  if (op === 'write' && !first.writable) return pageFault('Guest', virtual, { rule: PAGING_RULES.readOnly });
  const leaf = nested(first.address, op, false, first.c || op === 'fetch');
  if (!leaf) return { ok: false, fault: fault as unknown as Fault };
  return ok({
    spa: leaf.address,
    gpa: first.address,
    c: first.c,
    nestedC: leaf.c,
    writable: first.writable && leaf.writable,
    size: Math.min(first.size, leaf.size),
    large: leaf.size >= LARGE_PAGE_SIZE,
  });
}

/**
 * The guest's own tables. At the nested level each of their entries counts as written (APM vol. 2 §15.25.5); `find` tells
 * where it is.
 */
function walkOwnTables(
  p: Platform,
  core: CoreCell,
  virtual: number,
  find: (gpa: number) => Leaf | null,
  steps: WalkStep[],
): WalkEnd {
  const format = guestFormat(p, core.sev);
  const read = (address: number) => {
    const leaf = find(address);
    if (!leaf) return null;
    const { key } = selectKey({ ...keyContext(p, core), kind: 'walk', c: false, nestedC: leaf.c });
    return readEntry(p, core, leaf.address, selector(key, core.asid));
  };
  const root = Number(BigInt(core.guestCr3) & format.addressMask);
  return walkTables('guest', root, false, virtual, format, read, steps);
}
