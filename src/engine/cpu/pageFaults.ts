import { type Fault, type Outcome, type Rule, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import { nestedFaultCode } from '../memory/faultBits';
import { ENTRY, isStop, PAGING_RULES, type WalkEnd, type WalkStop } from '../memory/pageTable';

export type Operation = 'read' | 'write' | 'fetch';

const ADDRESS_RULES = {
  canonical: {
    id: 'paging.canonical',
    says: 'Four levels of tables translate 48 bits; a virtual address whose upper bits do not repeat bit 47 faults.',
    source: 'APM vol. 2 §1.1.3, §5.3.1',
    standing: 'published',
  },
  noPaging: {
    id: 'paging.off-32-bit',
    says: 'Long mode needs paging: with paging off a linear address has 32 bits.',
    source: 'APM vol. 2 §14.6',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const REMEDIES: Readonly<Record<string, string>> = {
  [PAGING_RULES.notPresent.id]: 'The entry would have to be present.',
  [PAGING_RULES.reserved.id]: 'The reserved bits of the entry would have to be zero.',
  [PAGING_RULES.readOnly.id]: 'Every level would have to be writable.',
  [PAGING_RULES.outside.id]: 'The entry above would have to point into DRAM.',
};

type Stop = Pick<WalkStop, 'rule'> & Partial<WalkStop>;

const inputs = ({ level, raw }: Stop, address: number): JsonObject => ({
  address,
  level: level ?? null,
  entry: raw === undefined ? null : `0x${raw.toString(16)}`,
});

const remedy = ({ rule }: Stop): string => REMEDIES[rule.id] ?? 'Another address.';

/** #PF: of the host, or inside the guest. */
export const pageFault = (
  whose: 'Host' | 'Guest',
  virtual: number,
  stop: Stop,
): { readonly ok: false; readonly fault: Fault } =>
  refuse(
    stop.rule,
    '#PF',
    `${whose} page fault at 0x${virtual.toString(16)}: ${stop.rule.says}`,
    inputs(stop, virtual),
    remedy(stop),
  );

/**
 * #NPF: the nested tables do not let an access at a GPA through; null when they do. `inputs.exitInfo1` is the error code
 * that the hypervisor gets. `table`: the access is to a page table of the guest; `enc`: the guest has SNP, and C is 1.
 */
export function nestedFault(
  address: number,
  end: WalkEnd,
  op: Operation,
  { table, enc }: { readonly table: boolean; readonly enc: boolean },
): Fault | null {
  const stop: Stop | null = isStop(end)
    ? end
    : op === 'write' && !end.writable
      ? { rule: PAGING_RULES.readOnly }
      : null;
  if (!stop) return null;
  const present = stop.raw === undefined || (stop.raw & ENTRY.present) !== 0n;
  const exitInfo1 = nestedFaultCode([
    ...(present ? (['P'] as const) : []),
    ...(op === 'write' ? (['W'] as const) : []),
    'U',
    ...(stop.rule.id === PAGING_RULES.reserved.id ? (['RSVD'] as const) : []),
    ...(op === 'fetch' ? (['I/D'] as const) : []),
    table ? 'table' : 'final',
    ...(enc ? (['ENC'] as const) : []),
  ]);
  const message = `Nested page fault at GPA 0x${address.toString(16)}: ${stop.rule.says}`;
  return refuse(stop.rule, '#NPF', message, { ...inputs(stop, address), exitInfo1 }, remedy(stop)).fault;
}

/** What the hypervisor finds in the VMCB after a nested page fault, be it of the nested tables or of the RMP. */
export const exitInfoOf = ({ inputs: { exitInfo1, exitInfo2, address } }: Fault) => ({
  info1: BigInt(Number(exitInfo1)),
  info2: BigInt(Number(exitInfo2 ?? address)),
});

/** #GP: an address that no table can translate in this mode; null for every other one. */
export function badAddress(virtual: number, paging: boolean): Outcome<never> | null {
  const rule = paging ? ADDRESS_RULES.canonical : ADDRESS_RULES.noPaging;
  const limit = paging ? 2 ** 47 : 2 ** 32;
  if (virtual < limit) return null;
  return refuse(
    rule,
    '#GP',
    `0x${virtual.toString(16)} is no address in this mode: ${rule.says}`,
    { address: virtual, limit },
    `An address below 0x${limit.toString(16)}.`,
  );
}
