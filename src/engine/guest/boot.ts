import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, type Rule, refuse } from '../core/fault';
import type { GuestObject } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';
import { setRegisters } from '../cpu/vmrun';
import { enterGuest } from '../xen/domain';
import { frameAt } from '../xen/frames';
import { acceptMemory } from './accept';
import { KERNEL } from './kernel';
import { guestAccess } from './kernelAccess';
import { leaveForLater, wantsLazy } from './lazy';
import { principalOf } from './memory';
import { commandLine } from './startInfo';
import { directMap } from './tables';
import { agreeWithHypervisor } from './vc/agree';
import { CPUID_TABLE } from './vc/cpuidTable';

const CRASH: Rule = {
  id: 'guest.no-kernel',
  says: 'A guest whose kernel is not what it fetches shuts down with a triple fault.',
  source: 'APM vol. 2 §8.2.9; of the fetch §15.34.5',
  standing: 'published',
};

/**
 * The guest's kernel starts with paging off, where every access of an SEV guest is private (APM vol. 2 §15.34.5), builds
 * its page tables in its own encrypted memory and switches paging on. Its code is what the toolstack loaded: an encrypted
 * guest can run it only if it was encrypted in place.
 * @param modules what its start info names beside the kernel.
 */
export function bootGuest(
  p: Platform,
  domain: DomainCell,
  modules: readonly GuestObject[] = [],
): Outcome<null> {
  return p.trace.span('guest', domain.name, 'boot', { memory: domain.memory }, () => {
    const entered = enterGuest(p, domain);
    if (!entered.ok) return entered;
    const tables = directMap(p, domain.memory, domain.sev);
    for (const [address, bytes] of tables) {
      markStructure(p, domain, address);
      const written = access(p, {
        core: domain.core,
        actor: domain.name,
        principal: principalOf(domain),
        virtual: address,
        op: 'write',
        length: bytes.length,
        bytes,
        stream: true,
      });
      if (!written.ok) return written;
    }
    const code = PAGE_SIZE * (1 + tables.length);
    const loaded = domain.snp
      ? ([
          ['secrets', code + PAGE_SIZE],
          [CPUID_TABLE, code + 2 * PAGE_SIZE],
        ] as const)
      : [];
    const nextData = code + PAGE_SIZE * (1 + loaded.length);
    p.trace.set('guest', domain.id, {
      domain: domain.id,
      root: PAGE_SIZE,
      tablePages: tables.map(([address]) => address / PAGE_SIZE),
      nextData,
      objects: [
        { name: 'start info', kind: 'bytes', address: GUEST_BASE, length: PAGE_SIZE },
        {
          name: 'page tables',
          kind: 'tables',
          address: GUEST_BASE + PAGE_SIZE,
          length: tables.length * PAGE_SIZE,
        },
        { name: 'kernel', kind: 'code', address: GUEST_BASE + code, length: PAGE_SIZE },
        ...loaded.map(
          ([name, gpa]) => ({ name, kind: 'bytes', address: GUEST_BASE + gpa, length: PAGE_SIZE }) as const,
        ),
        ...modules,
      ],
      shared: [],
      ...(domain.snp && { accepted: [[0, nextData / PAGE_SIZE] as const] }),
    });
    p.trace.patch('core', domain.core, { guestCr3: PAGE_SIZE, guestPaging: true });
    const fetched = guestAccess(p, domain, 'fetch', GUEST_BASE + code, KERNEL.length);
    if (!fetched.ok) return fetched;
    if (!bytesEqual(fetched.value, KERNEL)) return crash(p, domain);
    setRegisters(p, domain.core, { rip: BigInt(GUEST_BASE + code) });
    const accepted = domain.snp ? acceptAtStart(p, domain, nextData) : DONE;
    if (!accepted.ok) return accepted;
    return domain.vmsas.length > 0 ? agreeWithHypervisor(p, { domain, vcpu: 0 }) : DONE;
  });
}

/** All memory behind the launched pages, unless the command line says that it is to be accepted later. */
function acceptAtStart(p: Platform, domain: DomainCell, from: number): Outcome<null> {
  const cmdline = commandLine(p, domain);
  if (!cmdline.ok) return cmdline;
  if (!wantsLazy(cmdline.value)) return acceptMemory(p, domain, from, domain.memory);
  leaveForLater(p, domain, from, domain.memory);
  return DONE;
}

function markStructure(p: Platform, domain: DomainCell, address: number): void {
  const frame = frameAt(domain.frames, address / PAGE_SIZE);
  if (frame !== null) p.trace.page(frame, { structure: true });
}

const crash = (p: Platform, domain: DomainCell): Outcome<never> =>
  p.trace.refused(
    refuse(
      CRASH,
      'shutdown',
      `${domain.name} fetches noise where its kernel should be, and crashes.`,
      { guest: domain.name },
      'The kernel would have to be encrypted with the guest’s key before it starts (LAUNCH_UPDATE_DATA).',
    ),
  );
