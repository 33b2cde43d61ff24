import { PAGE_SIZE } from '../core/address';
import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import type { KeptTrace, SeenExit, TracesCell } from '../core/traceCells';
import { EXIT, exitName } from '../cpu/exits';
import type { Exit } from '../cpu/vmrun';
import { NESTED_FAULT_BITS } from '../memory/faultBits';

/** The log of exits that a hypervisor keeps of a vCPU which it runs under a timer. */

export const COUNT: Rule = {
  id: 'xen.steps-counted',
  says: 'After each exit the hypervisor knows how many instructions of the guest have retired since VMRUN.',
  source:
    'SEV-Step (sev_step.c, counted_instructions: a performance counter of retired instructions); modelled: the count is exact',
  standing: 'modelled',
};

/** Traces that are kept, and exits of each. */
const MOST = 16;
export const MOST_EXITS = 512;

const tracesOf = (p: Platform): TracesCell => p.state.cell('traces') ?? { kept: [] };

export const traceNamed = (p: Platform, name: string): KeptTrace | null =>
  tracesOf(p).kept.find((each) => each.name === name) ?? null;

/** Begins a trace of a vCPU; one of the same name is forgotten, and so are the oldest of too many. */
export function beginTrace(p: Platform, name: string, domain: number, vcpu: number): void {
  const others = tracesOf(p).kept.filter((each) => each.name !== name);
  p.trace.set('traces', 0, {
    kept: [...others.slice(1 - MOST), { name, domain, exits: [] }],
    now: { domain, vcpu, retired: 0 },
  });
}

/** @throws Error when none has begun: a bug of ours. */
export function endTrace(p: Platform): KeptTrace {
  const { kept } = tracesOf(p);
  const [last] = kept.slice(-1);
  if (!last) throw new Error('no trace has begun');
  p.trace.set('traces', 0, { kept });
  return last;
}

/** An instruction of the vCPU has retired. */
export function countRetired(p: Platform): void {
  const traces = tracesOf(p);
  if (traces.now)
    p.trace.set('traces', 0, { ...traces, now: { ...traces.now, retired: traces.now.retired + 1 } });
}

/** A vCPU has left its core: the trace under way gets what the hypervisor sees of that. */
export function noteExit(p: Platform, domain: number, vcpu: number, exit: Exit): void {
  const { kept, now } = tracesOf(p);
  const [last] = kept.slice(-1);
  if (!now || !last || now.domain !== domain || now.vcpu !== vcpu || last.exits.length >= MOST_EXITS) return;
  const seen = seenOf(exit, now.retired);
  p.trace.set('traces', 0, {
    kept: [...kept.slice(0, -1), { ...last, exits: [...last.exits, seen] }],
    now: { ...now, retired: 0 },
  });
}

const seenOf = ({ code, info1 = 0n, info2 = 0n }: Exit, retired: number): SeenExit =>
  code === EXIT.NPF
    ? { code, retired, page: Math.floor(Number(info2) / PAGE_SIZE), access: accessOf(info1) }
    : { code, retired };

const has = (info1: bigint, bit: keyof typeof NESTED_FAULT_BITS): boolean =>
  (info1 & (1n << BigInt(NESTED_FAULT_BITS[bit]))) !== 0n;

/** What an access was for, by EXITINFO1 of its nested page fault. */
export const accessOf = (info1: bigint): 'read' | 'write' | 'fetch' =>
  has(info1, 'I/D') ? 'fetch' : has(info1, 'W') ? 'write' : 'read';

/**
 * A trace without the addresses of its guest, whose pages are numbered in the order in which they were used: what two runs
 * of one program have in common wherever they lie. `fetch 1, +1 ×3, read 2, …, +1 HLT`; `+n`: instructions since VMRUN.
 */
export function shapeOf(exits: readonly SeenExit[]): string {
  const pages: number[] = [];
  const words = exits.map(({ code, retired, page, access }) => {
    if (page !== undefined && !pages.includes(page)) pages.push(page);
    const count = retired > 0 ? [`+${retired}`] : [];
    const reason =
      page !== undefined
        ? [`${access} ${pages.indexOf(page) + 1}`]
        : code === EXIT.INTR
          ? []
          : [exitName(code)];
    return [...count, ...reason].join(' ') || '+0';
  });
  const told: string[] = [];
  for (let i = 0; i < words.length; ) {
    const word = words[i] ?? '';
    let times = 1;
    while (words[i + times] === word) times++;
    told.push(times > 1 ? `${word} ×${times}` : word);
    i += times;
  }
  return told.join(', ');
}
