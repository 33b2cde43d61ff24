import { HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { readU64 } from '../core/bytes';
import type { CoreCell } from '../core/cells';
import type { TlbEntry } from '../core/change';
import { type Fault, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { HOST_KEY, type KeySelector, NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import { tlbSlot } from '../core/stores';
import { peekBytes } from '../memory/cache';
import {
  type EntryFormat,
  type EntryRead,
  entryFormat,
  type Leaf,
  PAGING_RULES,
  type WalkStep,
  type WalkStop,
  walkTables,
} from '../memory/pageTable';
import { reach } from '../memory/regions';
import { featuresOf } from './cpuid';
import { type KeyInputs, selectKey } from './key';

/**
 * From a virtual address to a system physical one: the host through its own tables, a guest through its tables and the
 * nested ones. Nothing here changes anything; `access.ts` records what was read and fills the TLB.
 */
export interface Translation {
  readonly spa: number;
  /** GPA on the way, for a guest. */
  readonly gpa: number | null;
  /** C-bit of the first leaf (host or guest) and of the nested leaf. */
  readonly c: boolean;
  readonly nestedC: boolean;
  readonly writable: boolean;
  readonly size: number;
  readonly fromTlb: boolean;
  readonly steps: readonly WalkStep[];
}

/** A refused walk still tells what it read. */
export type Translated = { readonly steps: readonly WalkStep[]; readonly outcome: Outcome<Translation> };

export const TLB_RULE: Rule = {
  id: 'tlb.tag',
  says: 'A TLB entry is tagged with the ASID under which it was made and is used, without a look at the tables, until it is flushed.',
  source: 'APM vol. 2 §15.16, §5.5',
  standing: 'published',
};

/** SYSCFG.MemEncryptionModEn. */
export const memEncryption = (p: Platform): boolean => p.config.technology !== 'off';

/** Entries of host and nested tables: reduced width, C-bit only while memory encryption is on. */
export function hostFormat(p: Platform): EntryFormat {
  const cpu = featuresOf(p.state);
  return memEncryption(p) ? entryFormat(cpu.hostBits, cpu.cBit) : entryFormat(cpu.physicalBits, null);
}

/** Entries of a guest's tables: the full width (the reduction does not touch GPAs), C-bit only with SEV. */
export function guestFormat(p: Platform, sev: boolean): EntryFormat {
  const cpu = featuresOf(p.state);
  return entryFormat(cpu.physicalBits, sev && memEncryption(p) ? cpu.cBit : null);
}

export const selector = (key: 'none' | 'host' | 'guest' | 'fault', asid: number): KeySelector =>
  key === 'guest' ? asid : key === 'host' ? HOST_KEY : NO_KEY;

/** The inputs of `selectKey` that a core's mode fixes. */
export const keyContext = (p: Platform, core: CoreCell): Omit<KeyInputs, 'kind' | 'c' | 'nestedC'> => ({
  memEncryption: memEncryption(p),
  guest: core.domain !== null,
  sev: core.sev,
  paging: core.guestPaging ? 'long' : 'off',
  vte: false,
  vtom: 'off',
});

function readEntry(p: Platform, core: CoreCell, address: number, key: KeySelector): EntryRead | null {
  if (!reach(p.config, address, 8).ok) return null;
  return { raw: readU64(peekBytes(p, core.complex, address, 8, key), 0), address, key };
}

export const isStop = (end: Leaf | WalkStop): end is WalkStop => 'rule' in end;

/** Host tables: virtual to SPA. */
function walkHost(p: Platform, core: CoreCell, virtual: number, steps: WalkStep[]): Leaf | WalkStop | null {
  const read = (address: number, c: boolean) =>
    readEntry(p, core, address, c && memEncryption(p) ? HOST_KEY : NO_KEY);
  return walkTables('host', core.hostCr3, core.hostCr3C, virtual, hostFormat(p), read, steps);
}

/** Nested tables: GPA to SPA. */
export function walkNested(
  p: Platform,
  core: CoreCell,
  address: number,
  steps: WalkStep[],
): Leaf | WalkStop | null {
  const context = keyContext(p, core);
  const read = (at: number, parentC: boolean) => {
    const { key } = selectKey({ ...context, kind: 'nested-walk', c: false, nestedC: parentC });
    return readEntry(p, core, at, selector(key, core.asid));
  };
  return walkTables('nested', core.nestedCr3, core.nestedCr3C, address, hostFormat(p), read, steps);
}

const fail = (
  name: string,
  stop: { rule: Rule; raw?: bigint; level?: number },
  virtual: number,
  what: string,
  remedy: string,
): Outcome<never> =>
  refuse(
    stop.rule,
    name,
    `${what} 0x${virtual.toString(16)}: ${stop.rule.says}`,
    {
      address: virtual,
      level: stop.level ?? null,
      entry: stop.raw === undefined ? null : `0x${stop.raw.toString(16)}`,
    },
    remedy,
  );

export function translate(
  p: Platform,
  coreId: number,
  virtual: number,
  op: 'read' | 'write' | 'fetch',
): Translated {
  const core = p.state.need('core', coreId);
  const held = lookUp(p, coreId, core, virtual);
  if (held) {
    const outcome =
      held.writable || op !== 'write'
        ? ok(fromEntry(held, virtual))
        : fail(
            '#PF',
            { rule: PAGING_RULES.readOnly },
            virtual,
            'The TLB entry forbids writing',
            'The entry would have to be writable and the TLB flushed.',
          );
    return { steps: [], outcome };
  }
  return core.domain === null ? hostWalk(p, core, virtual, op) : guestWalk(p, core, virtual, op);
}

function hostWalk(p: Platform, core: CoreCell, virtual: number, op: string): Translated {
  const steps: WalkStep[] = [];
  const end = walkHost(p, core, virtual, steps);
  if (!end)
    return {
      steps,
      outcome: fail(
        '#PF',
        { rule: PAGING_RULES.reserved },
        virtual,
        'A table of the host lies outside memory, walking',
        'The entry above would have to point into DRAM.',
      ),
    };
  if (isStop(end))
    return {
      steps,
      outcome: fail(
        '#PF',
        end,
        virtual,
        'Host page fault at',
        'The entry would have to be present and well-formed.',
      ),
    };
  if (op === 'write' && !end.writable)
    return {
      steps,
      outcome: fail(
        '#PF',
        { rule: PAGING_RULES.readOnly },
        virtual,
        'Host write to',
        'Every level would have to be writable.',
      ),
    };
  return {
    steps,
    outcome: ok({
      spa: end.address,
      gpa: null,
      c: end.c,
      nestedC: false,
      writable: end.writable,
      size: end.size,
      fromTlb: false,
      steps,
    }),
  };
}

/** The two-dimensional walk: each guest entry is found through the nested tables and read with the guest's key. */
function guestWalk(p: Platform, core: CoreCell, virtual: number, op: string): Translated {
  const steps: WalkStep[] = [];
  let nestedFault: Fault | null = null;
  const nested = (address: number): Leaf | null => {
    const end = walkNested(p, core, address, steps);
    if (end && !isStop(end)) return end;
    const stop = end ?? { rule: PAGING_RULES.reserved };
    const failed = fail(
      '#NPF',
      stop,
      address,
      'Nested page fault at GPA',
      'The hypervisor would have to map this guest page.',
    );
    nestedFault = failed.ok ? null : failed.fault;
    return null;
  };
  let first: Leaf | WalkStop | null;
  if (core.guestPaging) {
    const { key } = selectKey({ ...keyContext(p, core), kind: 'walk', c: false, nestedC: false });
    const read = (address: number) => {
      const leaf = nested(address);
      if (!leaf) return null;
      const plainKey = selectKey({ ...keyContext(p, core), kind: 'walk', c: false, nestedC: leaf.c }).key;
      return readEntry(p, core, leaf.address, selector(core.sev ? key : plainKey, core.asid));
    };
    first = walkTables('guest', core.guestCr3, false, virtual, guestFormat(p, core.sev), read, steps);
  } else {
    first = { address: virtual, size: PAGE_SIZE, c: core.sev, writable: true };
  }
  if (!first) {
    const outcome = nestedFault
      ? ({ ok: false, fault: nestedFault } as const)
      : fail(
          '#NPF',
          { rule: PAGING_RULES.reserved },
          virtual,
          'A guest table lies outside memory, walking',
          'The guest’s tables would have to lie in its memory.',
        );
    return { steps, outcome };
  }
  if (isStop(first))
    return {
      steps,
      outcome: fail(
        '#PF',
        first,
        virtual,
        'Guest page fault at GVA',
        'The guest’s entry would have to be present and well-formed.',
      ),
    };
  if (op === 'write' && !first.writable)
    return {
      steps,
      outcome: fail(
        '#PF',
        { rule: PAGING_RULES.readOnly },
        virtual,
        'Guest write to',
        'Every level would have to be writable.',
      ),
    };
  const leaf = nested(first.address);
  if (!leaf) return { steps, outcome: { ok: false, fault: nestedFault as unknown as Fault } };
  if (op === 'write' && !leaf.writable)
    return {
      steps,
      outcome: fail(
        '#NPF',
        { rule: PAGING_RULES.readOnly },
        first.address,
        'Nested write to GPA',
        'The nested entry would have to be writable.',
      ),
    };
  return {
    steps,
    outcome: ok({
      spa: leaf.address,
      gpa: first.address,
      c: first.c,
      nestedC: leaf.c,
      writable: first.writable && leaf.writable,
      size: Math.min(first.size, leaf.size),
      fromTlb: false,
      steps,
    }),
  };
}

function lookUp(p: Platform, coreId: number, core: CoreCell, virtual: number): TlbEntry | null {
  const tlb = p.state.tlbs[coreId];
  if (!tlb || tlb.size === 0) return null;
  for (const size of [PAGE_SIZE, LARGE_PAGE_SIZE, HUGE_PAGE_SIZE]) {
    const entry = tlb.get(tlbSlot(core.asid, virtual - (virtual % size)));
    if (entry && virtual < entry.page + entry.size) return entry;
  }
  return null;
}

const fromEntry = (entry: TlbEntry, virtual: number): Translation => ({
  spa: entry.target + (virtual - entry.page),
  gpa: entry.gpa === null ? null : entry.gpa + (virtual - entry.page),
  c: entry.c,
  nestedC: entry.nestedC,
  writable: entry.writable,
  size: entry.size,
  fromTlb: true,
  steps: [],
});
