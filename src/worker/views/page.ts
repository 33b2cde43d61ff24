import { GUEST_BASE, PAGE_SIZE } from '../../engine/core/address';
import type { DomainCell } from '../../engine/core/cells';
import { keyName } from '../../engine/core/key';
import {
  OWNER_FIRMWARE,
  OWNER_FREE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  pageOwner,
  pageStructure,
} from '../../engine/core/page';
import type { Platform } from '../../engine/core/platform';
import { called } from '../../engine/core/words';
import { translate, walkOnly } from '../../engine/cpu/translate';
import { gpaOf, isUp, modeOf, onCore } from '../../engine/look';
import { regionAt, TRUSTED_REGION } from '../../engine/memory/regions';
import { livingDomains } from '../../engine/xen/domains';
import { hostVirtual } from '../../engine/xen/host';
import { levelsOf } from '../../engine/xen/levels';
import type { PageView } from '../protocol';
import { attemptsAt } from './attempts';

/** Everything known of one page of DRAM at the cursor. */
export function pageView(p: Platform, pfn: number, touches: PageView['touches']): PageView {
  const word = p.state.pages.get(pfn);
  const spa = pfn * PAGE_SIZE;
  return {
    pfn,
    word,
    owner: ownerName(p, pageOwner(word)),
    region: regionAt(p, spa)?.name ?? 'outside the memory map',
    use: roleOf(p, pfn, word),
    mappings: mappingsOf(p, spa),
    touches,
    cachedLines: p.state.caches.flatMap((lines, complex) =>
      [...lines.values()]
        .filter(({ address }) => Math.floor(address / PAGE_SIZE) === pfn)
        .map(({ address, key, dirty }) => ({ complex, address, key: keyName(key), dirty })),
    ),
    attempts: attemptsAt(p, spa),
  };
}

function ownerName(p: Platform, owner: number): string {
  if (owner === OWNER_FREE) return 'free';
  if (owner === OWNER_HYPERVISOR) return 'xen';
  if (owner === OWNER_FIRMWARE) return 'secure processor';
  if (owner === OWNER_RESERVED) return 'reserved';
  return p.state.cell('domain', owner - OWNER_GUEST)?.name ?? 'nobody';
}

function roleOf(p: Platform, pfn: number, word: number): string {
  const owner = pageOwner(word);
  const spa = pfn * PAGE_SIZE;
  for (const domain of livingDomains(p)) {
    const use = controlUse(p, domain, spa);
    if (use) return use;
  }
  if (regionAt(p, spa)?.name === TRUSTED_REGION) return 'where the secure processor keeps checksums of VMSAs';
  if (spa === p.state.cell('xen')?.hostRoot && owner === OWNER_HYPERVISOR) return 'root of Xen’s page tables';
  if (owner > OWNER_GUEST) return guestUse(p, p.state.cell('domain', owner - OWNER_GUEST), spa);
  if (pageStructure(word)) return 'page table of Xen, or a nested one';
  return owner === OWNER_FREE ? 'free' : `memory of ${ownerName(p, owner)}`;
}

/** What Xen and the hardware keep of a guest’s vCPUs in a page, or null. */
function controlUse(p: Platform, domain: DomainCell, spa: number): string | null {
  const { name, vmcbs, userRegs, vmsas, nestedRoot } = domain;
  if (spa === nestedRoot) return `root of ${called(name)}’s nested tables`;
  const kinds = [
    [vmcbs, 'VMCB'],
    [vmsas, 'VMSA'],
    [userRegs, 'general registers, as Xen holds them,'],
  ] as const;
  for (const [pages, what] of kinds) {
    const vcpu = pages.indexOf(spa);
    if (vcpu >= 0) return `${what} of ${called(name)}${vcpu > 0 ? `, vCPU ${vcpu}` : ''}`;
  }
  for (const vcpu of vmcbs.keys()) {
    const made = levelsOf(p, domain, vcpu).find((level) => level.gpa !== null && level.spa === spa);
    if (made) return `VMSA of ${called(name)}, vCPU ${vcpu}, VMPL${made.vmpl}`;
  }
  return null;
}

function guestUse(p: Platform, domain: DomainCell | null, spa: number): string {
  if (!domain) return 'memory of a guest that is being made';
  const gpa = gpaOf(domain, spa);
  const os = p.state.cell('guest', domain.id);
  if (gpa === null || !os) return `memory of ${called(domain.name)}`;
  if (os.tablePages.includes(gpa / PAGE_SIZE)) return `page table of ${called(domain.name)}`;
  const at = gpa + GUEST_BASE;
  const object = os.objects.find(({ address, length }) => at + PAGE_SIZE > address && at < address + length);
  return object ? `${object.name} of ${called(domain.name)}` : `unused memory of ${called(domain.name)}`;
}

function mappingsOf(p: Platform, spa: number): PageView['mappings'] {
  if (!isUp(p)) return [];
  const guests = livingDomains(p).flatMap((domain) => {
    const gpa = gpaOf(domain, spa);
    return gpa === null ? [] : [mapping(p, domain.name, gpa + GUEST_BASE, gpa)];
  });
  return [...guests, mapping(p, 'xen', hostVirtual(spa, 'mapped'), null)];
}

function mapping(
  p: Platform,
  who: string,
  virtual: number,
  gpa: number | null,
): PageView['mappings'][number] {
  const mode = modeOf(p, who);
  const seen = mode && translate(onCore(p, mode), mode.id, virtual, 'read').outcome;
  // What the RMP refuses is mapped nevertheless.
  const found = mode && !seen?.ok ? walkOnly(onCore(p, mode), mode.id, virtual) : seen;
  if (!found?.ok) return { who, virtual, gpa, c: null, nestedC: null };
  return { who, virtual, gpa, c: found.value.c, nestedC: gpa === null ? null : found.value.nestedC };
}
