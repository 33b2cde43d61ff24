import type { Progress } from '../../core/action';
import { PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, refuse } from '../../core/fault';
import { atOnce } from '../../core/slowly';
import type { LaunchRun } from '../snp/launchDigest';
import type { PageType } from '../snp/pageInfo';
import { apResetAddress, type FirmwareTable, hashesTableGpa, readFirmwareTable } from './firmwareTable';
import { HASHES_TABLE_BYTES, hashesTableSlowly, type KernelFiles } from './hashesTable';
import { noKernelPlace, noResetBlock } from './refusals';
import { IMAGE_RULES } from './rules';
import { type SectionKind, type SevSection, sevSections } from './sevMetadata';
import { BSP_RESET_ADDRESS, type VmmType, vmsaPage } from './vmsa';

/** What a hypervisor loads into a SEV-SNP guest before it starts. */
export interface SnpLaunch {
  /** The firmware image; its last 4096 bytes are enough when `imageDigest` is given. */
  readonly image: Uint8Array;
  /** The launch digest after all of the image’s pages, when it is known already. */
  readonly imageDigest: Uint8Array | null;
  readonly kernel: KernelFiles | null;
  readonly vcpus: number;
  readonly vmm: VmmType;
  /** CPUID Fn0000_0001_EAX of the guest’s processors. */
  readonly signature: number;
  /** SEV_FEATURES of the VMSA; bit 0 is SNP. */
  readonly features: bigint;
}

type Runs = Generator<Progress, Outcome<readonly LaunchRun[]>>;

const FOUR_GIB = 0x1_0000_0000;
const LONGEST_IMAGE = 0x4000_0000;
/** Where KVM says that VMSA pages lie: the highest page of 48 bits (virtee/sev-snp-measure guest.py). */
const VMSA_GPA = 0xffff_ffff_f000;

/** With which page type each kind of section is handed over (QEMU target/i386/sev.c; virtee/sev-snp-measure guest.py). */
const SECTION_TYPES: Readonly<Record<SectionKind, PageType>> = {
  SNP_SEC_MEM: 'ZERO',
  SNP_SECRETS: 'SECRETS',
  CPUID: 'CPUID',
  SVSM_CAA: 'ZERO',
  SNP_KERNEL_HASHES: 'ZERO',
};

function imageRun({ image, imageDigest }: SnpLaunch): Outcome<readonly LaunchRun[]> {
  if (imageDigest) return ok([]);
  const inputs = { imageBytes: image.length };
  if (image.length === 0 || image.length % PAGE_SIZE !== 0)
    return refuse(
      IMAGE_RULES.pages,
      'refused',
      `The image is ${image.length} bytes long, not a whole number of pages.`,
      { ...inputs, offset: image.length - (image.length % PAGE_SIZE) },
      'An image of whole pages of 4096 bytes would be measured.',
    );
  if (image.length > LONGEST_IMAGE)
    return refuse(
      IMAGE_RULES.size,
      'refused',
      `The image is ${image.length} bytes long.`,
      inputs,
      'An image of at most 1 GiB would be measured.',
    );
  const gpa = FOUR_GIB - image.length;
  return ok([{ what: 'image', type: 'NORMAL', gpa, pages: image.length / PAGE_SIZE, bytes: image }]);
}

/** The section that holds the table of kernel hashes, all zero but for it. */
function* hashesRun(
  section: SevSection,
  kernel: KernelFiles,
  table: FirmwareTable,
): Generator<Progress, Outcome<LaunchRun>> {
  const { gpa, pages } = section;
  const place = hashesTableGpa(table);
  const offset = (place ?? 0) % PAGE_SIZE;
  if (place === null || offset + HASHES_TABLE_BYTES > pages * PAGE_SIZE)
    return noKernelPlace({ sectionPages: pages, kernelBytes: kernel.kernel.length });
  const bytes = new Uint8Array(pages * PAGE_SIZE);
  bytes.set(yield* hashesTableSlowly(kernel), offset);
  return ok({ what: section.kind, type: 'NORMAL', gpa, pages, bytes });
}

function sectionRun(section: SevSection, { vmm }: SnpLaunch): LaunchRun {
  const { kind, gpa, pages } = section;
  const type = vmm === 'gce' && kind === 'SNP_SEC_MEM' ? 'UNMEASURED' : SECTION_TYPES[kind];
  return { what: kind, type, gpa, pages, bytes: null };
}

/** In the order of the metadata; EC2 hands the CPUID page over last, as it was observed from outside. */
function inOrder(sections: readonly SevSection[], vmm: VmmType): readonly SevSection[] {
  if (vmm !== 'ec2') return sections;
  const isCpuid = ({ kind }: SevSection) => kind === 'CPUID';
  return [...sections.filter((section) => !isCpuid(section)), ...sections.filter(isCpuid)];
}

function* sectionRuns(launch: SnpLaunch, table: FirmwareTable): Runs {
  const { image, kernel, vmm } = launch;
  const sections = sevSections(image, table);
  if (!sections.ok) return sections;
  if (kernel && !sections.value.some(({ kind }) => kind === 'SNP_KERNEL_HASHES'))
    return noKernelPlace({ imageBytes: image.length, kernelBytes: kernel.kernel.length });
  const runs: LaunchRun[] = [];
  for (const section of inOrder(sections.value, vmm)) {
    if (!kernel || section.kind !== 'SNP_KERNEL_HASHES') {
      runs.push(sectionRun(section, launch));
      continue;
    }
    const run = yield* hashesRun(section, kernel, table);
    if (!run.ok) return run;
    runs.push(run.value);
  }
  return ok(runs);
}

function vmsaRuns(launch: SnpLaunch, table: FirmwareTable): Outcome<readonly LaunchRun[]> {
  const reset = apResetAddress(table);
  if (reset === null) return noResetBlock(launch.image);
  const { vcpus, vmm, signature, features } = launch;
  const page = (first: boolean) =>
    vmsaPage({ vmm, first, address: first ? BSP_RESET_ADDRESS : reset, signature, features });
  const [first, other] = [page(true), page(false)];
  return ok(
    Array.from({ length: vcpus }, (_, i) => ({
      what: `VMSA of vCPU ${i}`,
      type: 'VMSA' as const,
      gpa: VMSA_GPA,
      pages: 1,
      bytes: i === 0 ? first : other,
    })),
  );
}

/**
 * Every page that is measured, in the order in which it is loaded: the image, the sections of its SEV metadata, the
 * registers of each vCPU (virtee/sev-snp-measure guest.py). In slices while a kernel is hashed.
 */
export function* snpLaunchRunsSlowly(launch: SnpLaunch): Runs {
  const table = readFirmwareTable(launch.image);
  if (!table.ok) return table;
  const image = imageRun(launch);
  if (!image.ok) return image;
  const registers = vmsaRuns(launch, table.value);
  const sections = yield* sectionRuns(launch, table.value);
  if (!sections.ok) return sections;
  if (!registers.ok) return registers;
  return ok([...image.value, ...sections.value, ...registers.value]);
}

export const snpLaunchRuns = (launch: SnpLaunch): Outcome<readonly LaunchRun[]> =>
  atOnce(snpLaunchRunsSlowly(launch));
