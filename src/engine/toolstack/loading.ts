import type { LaunchRun } from '../asp/snp/launchDigest';
import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE } from '../core/fault';
import { OWNER_GUEST } from '../core/page';
import type { Platform } from '../core/platform';
import { atOnce, partOf } from '../core/slowly';
import { hostStructureKey } from '../cpu/mode';
import { streamWrite } from '../memory/fill';
import { prepareSnpMemory } from '../xen/domctl/snp';
import { frameOf } from '../xen/guestFrames';
import { callSlowly, chainSlowly, type Slow } from '../xen/trail';

/** Domain-0 writes guests’ frames under its own number: it is number 0. */
const DOMAIN_0 = OWNER_GUEST;

/** With SNP: pages that Domain-0 has not loaded yet, and then all of them in the order of the launch. */
export function* encryptSnp(p: Platform, domain: DomainCell, runs: readonly LaunchRun[]): Slow<null> {
  for (const { type, what, gpa, bytes } of runs) {
    if (type !== 'CPUID' || !bytes) continue;
    const gfn = gpa / PAGE_SIZE;
    const loaded = atOnce(load(p, domain, 'xc_dom_boot_image', { name: what, gfn, bytes }));
    if (!loaded.ok) return loaded;
  }
  const total = runs.reduce((sum, { pages }) => sum + pages, 0);
  let before = 0;
  for (const { what, type, gpa, pages } of runs) {
    const gfn = gpa / PAGE_SIZE;
    const encrypted = yield* partOf(
      (1000 * before) / total,
      (1000 * (before + pages)) / total,
      chainSlowly(
        p,
        [
          ['libxenguest', 'xg_dom_coco_encrypt_seg'],
          ['libxc', 'xc_coco_prepare_initial_mem'],
        ],
        { segment: what, gfn },
        () => prepareSnpMemory(p, domain.id, gfn, pages, type),
      ),
    );
    if (!encrypted.ok) return encrypted;
    before += pages;
  }
  return DONE;
}

/** Behind the instructions that the guest runs at its start, so that it starts as if nothing had happened. */
const BACKDOOR_AT = 0x100;
const INT3 = 0xcc;

export function backdoored(p: Platform, { name, bytes }: Pick<Loaded, 'name' | 'bytes'>): Uint8Array {
  const changed = bytes.slice();
  changed[BACKDOOR_AT] = INT3;
  p.trace.fact('note', {
    what: `${name} changed`,
    offset: BACKDOOR_AT,
    from: bytes[BACKDOOR_AT] ?? 0,
    to: INT3,
  });
  return changed;
}

/** Whole pages, and where they go. */
interface Loaded {
  readonly name: string;
  readonly gfn: number;
  readonly bytes: Uint8Array;
}

/** Domain-0 maps the guest’s frames and writes the pages in the clear. */
export const load = (
  p: Platform,
  domain: DomainCell,
  by: 'xc_dom_build_image' | 'xc_dom_boot_image',
  { name, gfn, bytes }: Loaded,
): Slow<null> =>
  callSlowly(p, 'libxenguest', by, { segment: name, gfn }, function* () {
    for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
      const frame = frameOf(domain, gfn + at / PAGE_SIZE);
      if (frame !== null)
        streamWrite(p, frame * PAGE_SIZE, bytes.subarray(at, at + PAGE_SIZE), hostStructureKey(p), DOMAIN_0);
      yield { done: at + PAGE_SIZE, total: bytes.length };
    }
    return DONE;
  });
