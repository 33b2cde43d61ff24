import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import { OWNER_GUEST } from '../core/page';
import type { Platform } from '../core/platform';
import { hostStructureKey } from '../cpu/mode';
import { streamWrite } from '../memory/fill';
import { populate, prepareInitialMemory } from '../xen/domctl/memory';
import { prepareSnpMemory } from '../xen/domctl/snp';
import { makeVcpus } from '../xen/domctl/vcpus';
import { setContext } from '../xen/domctl/vmsas';
import { frameAt } from '../xen/frames';
import { hasVmsas } from '../xen/kind';
import { call, chain } from '../xen/trail';
import { bootImage, entriesOf, type Piece, placed, type Segment } from './image';
import { withMonitor } from './monitor';
import { snpRuns } from './snpImage';

/** Domain-0 writes guests’ frames under its own number: it is number 0. */
const DOMAIN_0 = OWNER_GUEST;

/** What is built: vCPUs, bytes of memory, the command line; with `owned` a place for its owner’s secret. */
interface Wanted {
  readonly vcpus: number;
  readonly memory: number;
  readonly cmdline: string;
  readonly owned: boolean;
  /** Domain-0 slips another kernel in. */
  readonly tampered: boolean;
}

/** What `libxl__domain_build` does: vCPUs, memory, the image in the clear, and for an encrypted guest its encryption in place. */
export const buildDomain = (p: Platform, id: number, wanted: Wanted): Outcome<DomainCell> =>
  call(p, 'libxl', 'libxl__domain_build', { id }, () => {
    const vcpus = chain(
      p,
      [
        ['libxl', 'libxl__build_pre'],
        ['libxc', 'xc_domain_max_vcpus'],
      ],
      { id, vcpus: wanted.vcpus },
      () => makeVcpus(p, id, wanted.vcpus),
    );
    if (!vcpus.ok) return vcpus;
    const built = chain(
      p,
      [
        ['libxl', 'libxl__build_hvm'],
        ['libxl', 'libxl__build_dom'],
      ],
      { id },
      () => buildImage(p, id, wanted),
    );
    if (!built.ok) return built;
    call(p, 'libxl', 'libxl__build_post', { id }, () => DONE);
    return ok(p.state.need('domain', id));
  });

function buildImage(p: Platform, id: number, { memory, cmdline, owned, tampered }: Wanted): Outcome<null> {
  const populated = chain(
    p,
    [
      ['libxenguest', 'xc_dom_boot_mem_init'],
      ['libxenguest', 'meminit_hvm'],
    ],
    { id, memory },
    () => populate(p, id, memory),
  );
  if (!populated.ok) return populated;
  const domain = populated.value;
  const [info, plain] = bootImage(cmdline, owned);
  const kernel = domain.svsm ? withMonitor(plain) : plain;
  const segments = placed(p, domain, [info, tampered ? backdoored(p, kernel) : kernel]);
  for (const segment of segments) {
    const by = segment.name === 'kernel' ? 'xc_dom_build_image' : 'xc_dom_boot_image';
    const loaded = call(p, 'libxenguest', by, { segment: segment.name, gfn: segment.gfn }, () =>
      load(p, domain, segment),
    );
    if (!loaded.ok) return loaded;
  }
  if (!domain.sev) return DONE;
  const started = hasVmsas(domain) ? firstRegisters(p, domain) : DONE;
  if (!started.ok) return started;
  return domain.snp ? encryptSnp(p, domain, segments) : encrypt(p, id, segments);
}

/** Where the vCPUs start; only a guest with SEV-ES has more of its first registers than its mode (modelled). */
const firstRegisters = (p: Platform, { id, vmcbs, memory, sev }: DomainCell): Outcome<null> =>
  call(p, 'libxenguest', 'vcpu_hvm', { id }, () =>
    setContext(p, id, entriesOf(p, { vcpus: vmcbs.length, memory, sev })),
  );

/** The proposals’ part: each segment is measured and encrypted in place. */
function encrypt(p: Platform, id: number, segments: readonly Segment[]): Outcome<null> {
  for (const { name, gfn, bytes } of segments) {
    const encrypted = chain(
      p,
      [
        ['libxenguest', 'xg_dom_coco_encrypt_seg'],
        ['libxc', 'xc_coco_prepare_initial_mem'],
      ],
      { segment: name, gfn },
      () => prepareInitialMemory(p, id, gfn, bytes.length / PAGE_SIZE),
    );
    if (!encrypted.ok) return encrypted;
  }
  return DONE;
}

/** With SNP: pages that Domain-0 has not loaded yet, and then all of them in the order of the launch. */
function encryptSnp(p: Platform, domain: DomainCell, segments: readonly Segment[]): Outcome<null> {
  const runs = snpRuns(p, domain, segments);
  for (const { type, what, gpa, bytes } of runs) {
    if (type !== 'CPUID' || !bytes) continue;
    const loaded = call(p, 'libxenguest', 'xc_dom_boot_image', { segment: what, gfn: gpa / PAGE_SIZE }, () =>
      load(p, domain, { gfn: gpa / PAGE_SIZE, bytes }),
    );
    if (!loaded.ok) return loaded;
  }
  for (const { what, type, gpa, pages } of runs) {
    const gfn = gpa / PAGE_SIZE;
    const encrypted = chain(
      p,
      [
        ['libxenguest', 'xg_dom_coco_encrypt_seg'],
        ['libxc', 'xc_coco_prepare_initial_mem'],
      ],
      { segment: what, gfn },
      () => prepareSnpMemory(p, domain.id, gfn, pages, type),
    );
    if (!encrypted.ok) return encrypted;
  }
  return DONE;
}

/** Behind the instructions that the guest runs at its start, so that it starts as if nothing had happened. */
const BACKDOOR_AT = 0x100;
const INT3 = 0xcc;

function backdoored(p: Platform, { name, bytes }: Piece): Piece {
  const changed = bytes.slice();
  changed[BACKDOOR_AT] = INT3;
  p.trace.fact('note', {
    what: 'kernel changed',
    offset: BACKDOOR_AT,
    from: bytes[BACKDOOR_AT] ?? 0,
    to: INT3,
  });
  return { name, bytes: changed };
}

/** Domain-0 maps the guest’s frames and writes the segment in the clear. */
function load(
  p: Platform,
  domain: DomainCell,
  { gfn, bytes }: Pick<Segment, 'gfn' | 'bytes'>,
): Outcome<null> {
  for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
    const frame = frameAt(domain.frames, gfn + at / PAGE_SIZE);
    if (frame !== null)
      streamWrite(p, frame * PAGE_SIZE, bytes.subarray(at, at + PAGE_SIZE), hostStructureKey(p), DOMAIN_0);
  }
  return DONE;
}
