import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../core/address';
import { toHex } from '../../core/bytes';
import { EMPTY_LAUNCH_DIGEST, type LaunchRun, launchDigest, launchSteps } from '../snp/launchDigest';
import { PAGE_TYPES } from '../snp/pageInfo';
import { readFirmwareTable } from './firmwareTable';
import { type SevSection, sevSections } from './sevMetadata';
import { type SnpLaunch, snpLaunchRuns } from './snpLaunch';
import { type Case, type Cases, imageOf, OURS, snpLaunchOf } from './testing/cases.node';

function runsOf(launch: SnpLaunch): readonly LaunchRun[] {
  const runs = snpLaunchRuns(launch);
  if (!runs.ok) throw new Error(runs.fault.message);
  return runs.value;
}

/** The runs as a trace of the vectors writes them, as far as it goes: of the further vCPUs it names one. */
function traceOf(launch: SnpLaunch, steps: number): object[] {
  const { imageDigest } = launch;
  const trace: object[] = imageDigest ? [{ step: 'seed', ld: toHex(imageDigest) }] : [];
  let from = imageDigest ?? EMPTY_LAUNCH_DIGEST;
  for (const run of runsOf(launch)) {
    const [{ contents } = { contents: from }] = launchSteps([run], from);
    from = launchDigest([run], from);
    trace.push({
      step: run.what === 'image' ? 'firmware pages' : run.what,
      page_type: PAGE_TYPES[run.type],
      gpa: hex(run.gpa),
      pages: run.pages,
      ...(run.type === 'VMSA' && { contents_sha384: toHex(contents) }),
      ld_after: toHex(from),
    });
  }
  return trace.slice(0, steps);
}

function agrees(file: Cases, c: Case): void {
  const launch = snpLaunchOf(file, c);
  if (c.expected_error !== undefined) {
    expect(snpLaunchRuns(launch).ok).toBe(false);
    return;
  }
  expect(toHex(launchDigest(runsOf(launch), launch.imageDigest ?? undefined))).toBe(c.expected_digest);
  const trace = c.trace ?? [];
  const tailOfLarger = launch.imageDigest !== null && trace[0]?.step !== 'seed';
  const skipped = tailOfLarger ? 1 : 0;
  expect(traceOf(launch, trace.length).slice(skipped)).toEqual(trace.slice(skipped));
}

const snpCases = ({ cases }: Cases) => cases.filter(({ mode }) => mode === 'snp');

const shared = fileURLToPath(new URL('../../../../../shared/vectors/launch-digest.json', import.meta.url));
const originals: Cases | null = existsSync(shared) ? JSON.parse(readFileSync(shared, 'utf8')) : null;

describe('the launch of an SNP guest', () => {
  it.each(snpCases(OURS))('$id', (c) => agrees(OURS, c));

  describe.skipIf(!originals)('as in the originals (skipped where the shared vectors are absent)', () => {
    const file = originals ?? OURS;
    it.each(snpCases(file))('$id', (c) => agrees(file, c));

    it.each(Object.entries(file.images).filter(([, image]) => image.sections))(
      'the sections of %s',
      (name, image) => {
        const sections = sectionsOf(imageOf(file, name)).map(({ kind, gpa, pages }) => ({
          name: kind,
          gpa: hex(gpa),
          size: hex(pages * 4096),
        }));
        expect(image.sections).toMatchObject(sections);
        expect(image.sections).toHaveLength(sections.length);
      },
    );
  });

  const [base] = snpCases(OURS) as [Case, ...Case[]];
  const launch = snpLaunchOf(OURS, base);

  it.each<[string, Partial<SnpLaunch>]>([
    ['a vCPU more', { vcpus: 2 }],
    ['another processor', { signature: 0x00a10f10 }],
    ['another feature', { features: 0x21n }],
    ['another hypervisor', { vmm: 'ec2' }],
    ['a kernel', { kernel: { kernel: Uint8Array.of(1), initrd: null, append: null } }],
  ])('has another digest with %s', (_, change) => {
    expect(launchDigest(runsOf({ ...launch, ...change }))).not.toEqual(launchDigest(runsOf(launch)));
  });

  it('goes on from the digest of its image, with the end of the image alone', () => {
    const image = imageOf(OURS, 'syn-b');
    const imageDigest = launchDigest(runsOf({ ...launch, image }).slice(0, 1));
    const rest = { ...launch, image: image.subarray(1), imageDigest };
    expect(launchDigest(runsOf(rest), imageDigest)).toEqual(launchDigest(runsOf({ ...launch, image })));
  });

  it.each<[string, Uint8Array, string]>([
    ['whose pages are not whole', imageOf(OURS, 'syn-a').subarray(1), 'image.whole-pages'],
    ['of no bytes', new Uint8Array(0), 'image.whole-pages'],
    ['without a reset block', imageOf(OURS, 'syn-e'), 'image.reset-block'],
    ['without anything', new Uint8Array(4096), 'image.reset-block'],
  ])('is refused with an image %s', (_, image, rule) => {
    expect(snpLaunchRuns({ ...launch, image })).toMatchObject({ ok: false, fault: { rule: { id: rule } } });
  });

  it('is refused with a kernel when the table of hashes does not fit into its page', () => {
    const image = imageOf(OURS, 'syn-a').slice();
    const at = findBytes(image, [0x00, 0x0c, 0x81, 0x00]);
    image[at + 1] = 0x0f;
    const kernel = { kernel: Uint8Array.of(1), initrd: null, append: null };
    const fits = image.slice();
    fits[at] = 0x50;
    image[at] = 0x51;
    expect(snpLaunchRuns({ ...launch, image: fits, kernel }).ok).toBe(true);
    expect(snpLaunchRuns({ ...launch, image, kernel })).toMatchObject({
      fault: { rule: { id: 'image.kernel-hashes' } },
    });
  });
});

const findBytes = (bytes: Uint8Array, pattern: readonly number[]): number =>
  bytes.findIndex((_, i) => pattern.every((byte, k) => bytes[i + k] === byte));

function sections(image: Uint8Array) {
  const table = readFirmwareTable(image);
  return table.ok ? sevSections(image, table.value) : table;
}

function sectionsOf(image: Uint8Array): readonly SevSection[] {
  const found = sections(image);
  if (!found.ok) throw new Error(found.fault.message);
  return found.value;
}

describe('SEV metadata', () => {
  const image = imageOf(OURS, 'syn-a');
  const start = image.length - 0x600;
  const changed = (at: number, ...values: number[]) => {
    const copy = image.slice();
    for (const [i, value] of values.entries()) new DataView(copy.buffer).setUint32(at + 4 * i, value, true);
    return sections(copy);
  };

  it('are found and read', () => {
    expect(sectionsOf(image)).toEqual([
      { kind: 'SNP_SEC_MEM', gpa: 0x800000, pages: 3 },
      { kind: 'SNP_SECRETS', gpa: 0x80d000, pages: 1 },
      { kind: 'CPUID', gpa: 0x80e000, pages: 1 },
      { kind: 'SNP_KERNEL_HASHES', gpa: 0x810000, pages: 1 },
    ]);
    expect(sectionsOf(imageOf(OURS, 'syn-d'))).toEqual([]);
    expect(sectionsOf(new Uint8Array(4096))).toEqual([]);
  });

  const distanceAt = findBytes(image, [0x00, 0x06, 0x00, 0x00]);

  it.each<[string, string, number, number[]]>([
    ['before the image', 'sev-metadata', distanceAt, [4097]],
    ['too near to its end', 'sev-metadata', distanceAt, [15]],
    ['elsewhere', 'sev-metadata', distanceAt, [0x700]],
    ['of another name', 'sev-metadata', start, [0x46455341]],
    ['of version 2', 'sev-metadata', start + 8, [2]],
    ['with more sections than the image holds', 'sev-metadata', start + 12, [128]],
    ['with a section of another kind', 'sev-section', start + 24, [5]],
    ['with a section inside a page', 'sev-section', start + 16, [0x800001]],
    ['with half a page', 'sev-section', start + 20, [0x800]],
    ['with more memory than is measured', 'measured-size', start + 20, [0x4000000]],
  ])('%s are refused (image.%s)', (_, rule, at, values) => {
    expect(changed(at, ...values)).toMatchObject({ ok: false, fault: { rule: { id: `image.${rule}` } } });
  });

  it('with thousands of empty sections are refused', () => {
    const many = new Uint8Array(5 * 4096);
    many.set(image, 4 * 4096);
    const view = new DataView(many.buffer);
    view.setUint32(many.length - image.length + distanceAt, many.length, true);
    for (const [i, value] of [0x56455341, 0, 1, 1100].entries()) view.setUint32(4 * i, value, true);
    for (let i = 0; i < 1100; i++) view.setUint32(16 + 12 * i + 8, 1, true);
    expect(sections(many)).toMatchObject({ ok: false, fault: { rule: { id: 'image.measured-size' } } });
  });

  it('are read or refused whatever bytes the image has, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0x700), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const copy = image.slice();
        for (const [back, value] of changes) copy[copy.length - 1 - back] = value;
        const kernel = { kernel: copy, initrd: null, append: null };
        const runs = snpLaunchRuns({
          image: copy,
          imageDigest: null,
          kernel,
          vcpus: 1,
          vmm: 'QEMU',
          signature: 0,
          features: 1n,
        });
        if (!runs.ok) expect(runs.fault.message).toMatch(/\.$/);
      }),
    );
  });
});

/** Debian’s package `ovmf`; its 2 MiB build carries SEV metadata. */
const installed = ['/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/OVMF/OVMF_CODE_2M.fd'].find(existsSync);

describe('a real image', () => {
  it.skipIf(!installed)(
    'has secrets, a CPUID page and a reset block (skipped where Debian’s ovmf is absent)',
    () => {
      const image = new Uint8Array(readFileSync(installed ?? ''));
      const kinds = sectionsOf(image).map(({ kind }) => kind);
      expect(kinds).toContain('SNP_SECRETS');
      expect(kinds).toContain('CPUID');
      const runs = runsOf({
        image,
        imageDigest: null,
        kernel: null,
        vcpus: 1,
        vmm: 'QEMU',
        signature: 0x00a00f11,
        features: 1n,
      });
      const digest = toHex(launchDigest(runs));
      expect(digest).toBe(KNOWN[toHex(launchDigest(runs.slice(0, 1)))] ?? digest);
    },
  );
});

/** Digest of a whole launch by that of the image’s pages: OVMF_CODE.fd of ovmf 2022.11-6+deb12u2, case snp-11-debian. */
const KNOWN: Readonly<Record<string, string>> = {
  a5429c12f18e96502e1dd4917e8b0c35e4f4ebceac5fe8820b41d91d1c509abeb28146fcc453e8be4d3ede27c3fbaad3:
    '836d70ef6fb294660c2227b0f535c07f814a965442bccfa75a240f478a9f4abd1a63dd0c796f3a75d7f16b02b1d3b8ee',
};
