import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../engine/core/address';
import type { DomainCell } from '../../engine/core/cells';
import type { Change } from '../../engine/core/change';
import { type Outcome, ok, refuse } from '../../engine/core/fault';
import type { Platform } from '../../engine/core/platform';
import { NESTED_FAULT_BITS } from '../../engine/memory/faultBits';
import { type RmpEntry, rmpEntry } from '../../engine/rmp/entry';
import type { GuestContext, Mapping } from '../../engine/rmp/instructions/guest';
import type { HostContext } from '../../engine/rmp/instructions/host';
import type { Ended } from '../../engine/rmp/instructions/instruction';
import { ALL_PERMISSIONS } from '../../engine/rmp/permissions';
import { readEntry, writeEntry } from '../../engine/rmp/table';
import { withTable } from './snp-machine';

/** How one try of an instruction ended. */
export interface Run {
  /** `EAX=0 CF=1`, `#GP(0)`, `#NPF(RMP,ENC)`. */
  readonly end: string;
  /** Place of the check that decided, from 1 on; null: it was carried out. */
  readonly at: number | null;
}

/** One try: what is done to a fresh machine before, and the instruction. */
export type Try = (p: Platform) => Outcome<Ended & { readonly carry?: boolean }>;

/** Names of the bits of EXITINFO1 that tell about the RMP. */
const rmpBits = (info: number): string =>
  (['RMP', 'ENC', 'SIZEM', 'VMPL'] as const)
    .filter((name) => (BigInt(info) >> BigInt(NESTED_FAULT_BITS[name])) & 1n)
    .join();

function endOf(outcome: ReturnType<Try>): string {
  if (outcome.ok) {
    const { eax, carry } = outcome.value;
    return carry === undefined ? `EAX=${eax}` : `EAX=${eax} CF=${Number(carry)}`;
  }
  const { name, inputs } = outcome.fault;
  if (name === '#GP') return '#GP(0)';
  if (name === '#VC') return `#VC(0x${Number(inputs.errorCode).toString(16)})`;
  const bits = name === '#NPF' && inputs.exitInfo1 !== undefined ? rmpBits(Number(inputs.exitInfo1)) : '';
  return bits ? `${name}(${bits})` : name;
}

const RUNS = new WeakMap<Try, Run>();

/** How a try ends; it is always the same, so each is made once. */
export function tried(attempt: Try): Run {
  const known = RUNS.get(attempt);
  if (known) return known;
  const run = runOnce(attempt);
  RUNS.set(attempt, run);
  return run;
}

function runOnce(attempt: Try): Run {
  const changes: Change[] = [];
  const outcome = attempt(withTable(changes));
  const fact = changes.findLast((change) => change.store === 'fact' && change.what === 'check');
  const at = fact?.store === 'fact' ? fact.data.at : null;
  return { end: endOf(outcome), at: at === null ? null : Number(at) };
}

/** Two times 2 MiB with which tries work, a page in the first, and the guest’s addresses. */
export const REGION = LARGE_PAGE_SIZE;
export const PAGE = REGION + 5 * PAGE_SIZE;
export const GPA = 4 * LARGE_PAGE_SIZE;
export const ASID = 3;

export const XEN: HostContext = { actor: 'xen', longMode: true, cpl: 0, asid: 0 };

/** An entry of the guest’s page, accepted, with some fields otherwise. */
export const owned = (fields: Partial<RmpEntry> = {}): RmpEntry =>
  rmpEntry({
    assigned: true,
    asid: ASID,
    gpa: GPA,
    validated: true,
    permissions: ALL_PERMISSIONS,
    ...fields,
  });

export function entryAt(p: Platform, spa: number): RmpEntry {
  const entry = readEntry(p, spa);
  if (!entry) throw new Error('the page is not covered');
  return entry;
}

/** What a try of the guest’s instructions starts from. */
export interface GuestTry {
  readonly entry?: RmpEntry;
  readonly context?: Partial<GuestContext>;
  /** SPA to which the tables lead; the entry is written there. */
  readonly spa?: number;
  /** The nested mapping is of 2 MiB. */
  readonly large?: boolean;
}

/** Writes the entry, and gives the context whose tables lead there. */
export function asGuest(
  p: Platform,
  { entry, context = {}, spa = REGION, large = entry?.large ?? false }: GuestTry,
): GuestContext {
  if (entry) writeEntry(p, spa, entry);
  const mapping: Mapping = { gpa: GPA, spa, large };
  return {
    actor: 'alice',
    snpActive: true,
    longMode: true,
    cpl: 0,
    vmpl: 0,
    asid: ASID,
    translate: () => ok(mapping),
    ...context,
  };
}

const WALK = {
  id: 'check.walk',
  says: 'The tables lead nowhere.',
  source: 'modelled: a try of `check`',
  standing: 'modelled',
} as const;

/** Tables that lead nowhere: the guest’s own, or the nested ones. */
export const lost = (name: '#PF' | '#NPF'): Partial<GuestContext> => ({
  translate: () => refuse(WALK, name, WALK.says, {}, 'A mapping.'),
});

const ALICE: DomainCell = {
  id: 1,
  name: 'alice',
  alive: true,
  asid: ASID,
  sev: true,
  type: 'hvm',
  handle: null,
  policy: null,
  snp: false,
  context: null,
  launchDigest: null,
  measurement: null,
  paused: false,
  finished: true,
  memory: 0,
  frames: [],
  vmcbs: [],
  userRegs: [],
  nestedRoot: 0,
  core: 0,
  vmsas: [],
  tableFrames: [],
};

/** A core runs a vCPU whose VMCB is the page at an SPA. */
export function occupy(p: Platform, spa: number): void {
  p.trace.set('domain', 1, { ...ALICE, vmcbs: [spa] });
  p.trace.patch('core', 0, { domain: 1, vcpu: 0 });
}
