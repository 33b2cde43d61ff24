import { snpLaunchRunsSlowly } from '../asp/image/snpLaunch';
import type { LaunchRun } from '../asp/snp/launchDigest';
import { hex, PAGE_SIZE } from '../core/address';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { PROCESSOR_SIGNATURES } from '../cpu/signature';
import type { Slow } from '../xen/trail';
import type { SevType, XlConfig } from '../xen/xl/config';
import { memoryOf } from './defaults';
import { readImage } from './files';

const RULES = {
  kind: {
    id: 'xl.firmware-kind',
    says: 'A PVH guest starts from a firmware image only as an SNP guest, and without a monitor of this simulator’s.',
    source: 'this project: no tree of Xen starts a PVH guest from OVMF; with HVM, hvmloader would load it',
    standing: 'modelled',
  },
  missing: {
    id: 'xl.no-image',
    says: 'What a guest starts from are files of Domain-0, in /boot, where they were dropped.',
    source: 'Xen tools/libs/light/libxl_dom.c (libxl__build_dom); dom0.image of this simulator',
    standing: 'modelled',
  },
  layout: {
    id: 'xl.firmware-layout',
    says: 'The image ends at 4 GiB with the guest’s memory below it, and what its SEV metadata name lies in that memory.',
    source: 'QEMU hw/i386/pc_sysfw.c, target/i386/sev.c; edk2 OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** What a guest with a firmware image is launched from: everything that is measured, with its bytes. */
export interface FirmwareLaunch {
  /** GPA and pages of the image. */
  readonly gpa: number;
  readonly pages: number;
  /** What goes into the guest’s memory, in the order in which it is measured. */
  readonly memory: readonly LaunchRun[];
  /** Each vCPU’s registers, 4096 bytes each. */
  readonly vmsas: readonly Uint8Array[];
}

const no = (p: Platform, rule: Rule, error: string, message: string, remedy: string) =>
  p.trace.refused(refuse(rule, error, message, {}, remedy));

function fileOf(p: Platform, path: string | undefined): Outcome<Uint8Array | null> {
  if (path === undefined) return ok(null);
  const bytes = readImage(p, path);
  if (bytes) return ok(bytes);
  const message = `Domain-0 has no file ${path}.`;
  return no(p, RULES.missing, 'ENOENT', message, 'The file would have to be put there: dom0.image.');
}

/** Where something would not lie in the guest’s memory, or null. */
function misplaced(runs: readonly LaunchRun[], memory: number): string | null {
  const [image, ...others] = runs;
  if (image && memory > image.gpa)
    return `The guest’s memory ends at ${hex(memory)}, and the image begins at ${hex(image.gpa)}`;
  const beyond = others.find(({ gpa, pages }) => gpa + pages * PAGE_SIZE > memory);
  if (!beyond) return null;
  const end = beyond.gpa + beyond.pages * PAGE_SIZE;
  return `${beyond.what} ends at ${hex(end)}, and the guest’s memory at ${hex(memory)}`;
}

/** The launch of a configuration that names a firmware image; null for one that does not. In slices: a kernel is hashed. */
export function* firmwareLaunch(
  p: Platform,
  config: XlConfig,
  sevType: SevType,
): Slow<FirmwareLaunch | null> {
  const { name, firmware, encrypted, svsm, vcpus } = config;
  if (!firmware) return ok(null);
  if (!encrypted || sevType !== 'sev-snp' || svsm) {
    const message = `${name} cannot start from ${firmware.path}.`;
    return no(p, RULES.kind, 'EINVAL', message, 'coco = 1, sev_type = "sev-snp" and svsm = 0.');
  }
  const image = fileOf(p, firmware.path);
  if (!image.ok) return image;
  const kernel = fileOf(p, config.kernel);
  if (!kernel.ok) return kernel;
  const initrd = fileOf(p, config.ramdisk);
  if (!initrd.ok) return initrd;
  const measured = yield* snpLaunchRunsSlowly({
    image: image.value ?? new Uint8Array(),
    imageDigest: null,
    kernel: kernel.value && { kernel: kernel.value, initrd: initrd.value, append: config.cmdline ?? null },
    vcpus,
    vmm: firmware.vmm,
    signature: firmware.signature ?? PROCESSOR_SIGNATURES[p.config.generation],
    features: BigInt(firmware.features),
  });
  if (!measured.ok) return p.trace.refused(measured);
  const memory = measured.value.filter(({ type }) => type !== 'VMSA');
  const wrong = misplaced(memory, memoryOf(config));
  if (wrong) return no(p, RULES.layout, 'EINVAL', `${wrong}.`, 'Another memory = … for the guest.');
  const vmsas = measured.value.flatMap(({ type, bytes }) => (type === 'VMSA' && bytes ? [bytes] : []));
  return ok({ gpa: memory[0]?.gpa ?? 0, pages: memory[0]?.pages ?? 0, memory, vmsas });
}
