import { PAGE_SIZE, pageBase } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { ProcessCell } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { flushAsid } from '../cpu/tlb';
import { enterGuest } from '../xen/domain';
import { allocate } from './allocate';
import { guestAccess } from './kernelAccess';
import { mapPage, newRoot } from './mapping';
import { coreOf, type Vcpu } from './memory';

const PROCESS_RULES = {
  none: {
    id: 'guest.no-process',
    says: 'A vCPU can go only to a process that its kernel has made.',
    source:
      'Linux mm/memory.c, kernel/fork.c; modelled: a process is an address space and has no registers of its own',
    standing: 'modelled',
  },
  half: {
    id: 'guest.process-half',
    says: 'A process has the lower addresses, below those at which the kernel maps its memory, and a page at each of them once.',
    source:
      'Linux Documentation/arch/x86/x86_64/mm.rst; modelled: the kernel’s half begins at its direct map',
    standing: 'modelled',
  },
  cr3: {
    id: 'tlb.cr3',
    says: 'A write to CR3 drops the translations that the core has under the ASID in force; VMRUN, which loads CR3, drops none by itself.',
    source: 'APM vol. 2 §5.5.2, §15.16; modelled: no page of a guest is global',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Addresses of processes end here: 512 GiB, one entry of the root. */
const LIMIT = 2 ** 39;

const processOf = (p: Platform, domain: DomainCell, name: string): ProcessCell | undefined =>
  p.state.need('guest', domain.id).processes?.find((each) => each.name === name);

/** Puts a process into the kernel’s book, in place of the one of that name. */
function keep(p: Platform, { id }: DomainCell, process: ProcessCell): void {
  const others = (p.state.need('guest', id).processes ?? []).filter(({ name }) => name !== process.name);
  p.trace.patch('guest', id, { processes: [...others, process] });
}

/** The process of this name; a new one shares the kernel’s half and has nothing else. */
function existing(p: Platform, domain: DomainCell, name: string): Outcome<ProcessCell> {
  const found = processOf(p, domain, name);
  if (found) return ok(found);
  const root = newRoot(p, domain);
  if (!root.ok) return root;
  const made = { name, root: root.value, pages: [] };
  keep(p, domain, made);
  return ok(made);
}

/**
 * The kernel puts a fresh private page at an address of a process. Answers with the GVA at which the kernel itself has the page.
 * @param name what the page is called.
 */
export function givePage(
  p: Platform,
  domain: DomainCell,
  { process: name, at, page, bytes }: { process: string; at: number; page: string; bytes: Uint8Array },
): Outcome<number> {
  const process = existing(p, domain, name);
  if (!process.ok) return process;
  const virtual = pageBase(at);
  if (virtual >= LIMIT || process.value.pages.some((each) => each.at === virtual))
    return refuse(
      PROCESS_RULES.half,
      'refused',
      `${name} can have no new page at 0x${virtual.toString(16)}.`,
      { address: virtual, limit: LIMIT },
      'Another address, such as 0x400000.',
    );
  const own = allocate(p, domain, { name: page, kind: 'bytes', length: PAGE_SIZE });
  if (!own.ok) return own;
  const filled = new Uint8Array(PAGE_SIZE);
  filled.set(bytes.subarray(0, PAGE_SIZE));
  const written = guestAccess(p, domain, 'write', own.value, PAGE_SIZE, filled, true);
  if (!written.ok) return written;
  const mapped = mapPage(p, domain, process.value.root, virtual, own.value);
  if (!mapped.ok) return mapped;
  const pages = [...process.value.pages, { at: virtual, gpa: mapped.value }];
  keep(p, domain, { ...process.value, pages });
  return own;
}

/** A vCPU goes to a process: its kernel writes CR3. */
export function switchProcess(p: Platform, { domain, vcpu }: Vcpu, name: string): Outcome<null> {
  const process = processOf(p, domain, name);
  if (!process)
    return refuse(
      PROCESS_RULES.none,
      'refused',
      `${domain.name} has no process ${name}.`,
      { process: name },
      'guest.process.',
    );
  const core = coreOf(p, { domain, vcpu });
  const entered = enterGuest(p, domain, core, vcpu);
  if (!entered.ok) return entered;
  return p.trace.span('guest', domain.name, 'MOV CR3', { core, root: process.root }, () => {
    p.trace.patch('core', core, { guestCr3: process.root });
    const { asid } = p.state.need('core', core);
    const entries = flushAsid(p, core, asid);
    p.trace.fact('check', { what: 'CR3', core, asid, entries }, PROCESS_RULES.cr3);
    const { running } = p.state.need('guest', domain.id);
    p.trace.patch('guest', domain.id, { running: { ...running, [vcpu]: name } });
    return DONE;
  });
}
