import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { populate, prepareInitialMemory } from '../xen/domctl/memory';
import { makeVcpus } from '../xen/domctl/vcpus';
import { setContext } from '../xen/domctl/vmsas';
import { hasVmsas } from '../xen/kind';
import { call, callSlowly, chain, chainSlowly, type Slow } from '../xen/trail';
import { buildFirmware } from './buildFirmware';
import type { FirmwareLaunch } from './firmware';
import { bootImage, entriesOf, placed, type Segment } from './image';
import { backdoored, encryptSnp, load } from './loading';
import { withMonitor } from './monitor';
import { snpRuns } from './snpImage';

/** What is built: vCPUs, bytes of memory, the command line; with `owned` a place for its owner’s secret. */
interface Wanted {
  readonly vcpus: number;
  readonly memory: number;
  readonly cmdline: string;
  readonly owned: boolean;
  /** Domain-0 slips another kernel in, or other firmware. */
  readonly tampered: boolean;
  /** It starts from a firmware image, and from no kernel of this simulator’s. */
  readonly firmware: FirmwareLaunch | null;
}

/** What `libxl__domain_build` does: vCPUs, memory, the image in the clear, and for an encrypted guest its encryption in place. */
export const buildDomain = (p: Platform, id: number, wanted: Wanted): Slow<DomainCell> =>
  callSlowly(p, 'libxl', 'libxl__domain_build', { id }, function* () {
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
    const built = yield* chainSlowly(
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

function* buildImage(p: Platform, id: number, wanted: Wanted): Slow<null> {
  const { memory, cmdline, owned, tampered, firmware } = wanted;
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
  if (firmware) return yield* buildFirmware(p, id, firmware, tampered);
  const [info, plain] = bootImage(cmdline, owned);
  const kernel = domain.svsm ? withMonitor(plain) : plain;
  const segments = placed(p, domain, [info, tampered ? { ...kernel, bytes: backdoored(p, kernel) } : kernel]);
  for (const segment of segments) {
    const by = segment.name === 'kernel' ? 'xc_dom_build_image' : 'xc_dom_boot_image';
    const loaded = yield* load(p, domain, by, segment);
    if (!loaded.ok) return loaded;
  }
  if (!domain.sev) return DONE;
  const started = hasVmsas(domain) ? firstRegisters(p, domain) : DONE;
  if (!started.ok) return started;
  if (!domain.snp) return encrypt(p, id, segments);
  return yield* encryptSnp(p, domain, snpRuns(p, domain, segments));
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
