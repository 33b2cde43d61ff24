import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stateDigest } from '../../history/digest';
import type { KernelFiles } from '../asp/image/hashesTable';
import { smallImage } from '../asp/image/smallImage';
import { type SnpLaunch, snpLaunchRuns } from '../asp/image/snpLaunch';
import { type Case, OURS, snpLaunchOf } from '../asp/image/testing/cases.node';
import { launchDigest } from '../asp/snp/launchDigest';
import { PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { pageState } from '../rmp/pageState';
import { readEntry } from '../rmp/table';
import { Bench } from '../testing/bench';
import { broken } from '../testing/invariants';
import { countFrames } from '../xen/frames';
import { frameOf } from '../xen/guestFrames';

const MIB = 2 ** 20;
const SNP = { technology: 'sev-snp', generation: 'milan', memory: 32 * MIB } as const;

const given = (launch: Partial<SnpLaunch> = {}): SnpLaunch => ({
  image: smallImage(),
  imageDigest: null,
  kernel: null,
  vcpus: 1,
  vmm: 'QEMU',
  signature: 0x00a00f11,
  features: 1n,
  ...launch,
});

/** What `measure --mode snp` prints. */
function measured(launch: SnpLaunch): string {
  const runs = snpLaunchRuns(launch);
  if (!runs.ok) throw new Error(runs.fault.message);
  return toHex(launchDigest(runs.value));
}

function put(bench: Bench, name: string, bytes: Uint8Array): void {
  const blob = createHash('sha256').update(bytes).digest('hex');
  bench.blobs.set(blob, bytes);
  bench.done({ type: 'dom0.image', name, blob });
}

function putFiles(bench: Bench, image: Uint8Array, kernel: KernelFiles | null): void {
  put(bench, 'ovmf.fd', image);
  if (kernel) put(bench, 'bzImage', kernel.kernel);
  if (kernel?.initrd) put(bench, 'initrd', kernel.initrd);
}

const lines = ({ kernel, vcpus, vmm, signature, features }: SnpLaunch, memory = 9): string =>
  [
    'name = "ovmf"',
    'type = "pvh"',
    `memory = ${memory}`,
    `vcpus = ${vcpus}`,
    'coco = 1',
    'sev_type = "sev-snp"',
    'firmware = "/boot/ovmf.fd"',
    `vmm_type = "${vmm}"`,
    `vcpu_sig = ${signature}`,
    `guest_features = "0x${features.toString(16)}"`,
    ...(kernel ? ['kernel = "/boot/bzImage"'] : []),
    ...(kernel?.initrd ? ['ramdisk = "/boot/initrd"'] : []),
    ...(kernel?.append ? [`cmdline = "${kernel.append}"`] : []),
  ].join('\n');

const CREATE = { type: 'xl.create', config: 'ovmf.cfg' } as const;

function ready(launch: SnpLaunch, memory?: number, config = SNP): Bench {
  const bench = new Bench(config);
  putFiles(bench, launch.image, launch.kernel);
  bench.done({ type: 'dom0.file', name: 'ovmf.cfg', text: lines(launch, memory) });
  return bench;
}

describe('a guest from a dropped firmware image', () => {
  const launches: [string, Partial<SnpLaunch>][] = [
    ['alone', {}],
    ['with three vCPUs', { vcpus: 3 }],
    ['with registers as EC2 has them', { vmm: 'ec2' }],
    ['as GCE loads it', { vmm: 'gce', signature: 0x00830f10 }],
    ['with other features of the guest', { features: 0x21n }],
    [
      'with a kernel and its RAM disk',
      {
        kernel: {
          kernel: new Uint8Array(5000).fill(7),
          initrd: new Uint8Array(70).fill(1),
          append: 'quiet ro',
        },
      },
    ],
    ['with a kernel alone', { kernel: { kernel: new Uint8Array(9), initrd: null, append: null } }],
  ];
  it.each(launches)('has the digest that is computed without a machine: %s', (_, part) => {
    const launch = given(part);
    const bench = ready(launch);
    const made = bench.done(CREATE);
    expect(made.launchDigest).toBe(measured(launch));
    const { context } = bench.domain('ovmf');
    expect(bench.state.cell('context', (context ?? 0) / PAGE_SIZE)).toMatchObject({
      state: 'RUNNING',
      digest: measured(launch),
    });
  });

  const cases = OURS.cases.filter(({ mode, expected_digest, ovmf_hash_seed, vcpus, kernel }) =>
    Boolean(
      mode === 'snp' &&
        expected_digest &&
        ovmf_hash_seed === undefined &&
        vcpus <= 8 &&
        kernel?.data_base64 !== '',
    ),
  );
  const whole = cases.filter((c: Case) => snpLaunchOf(OURS, c).imageDigest === null);
  it.each(whole.map((c) => [c.id, c] as const))('agrees with the vector %s', (_, c) => {
    const bench = ready(snpLaunchOf(OURS, c), 16, { ...SNP, memory: 64 * MIB } as typeof SNP);
    expect(bench.done(CREATE).launchDigest).toBe(c.expected_digest);
  });

  it('has each page where the measurement has it, assigned and accepted, and does not run', () => {
    const launch = given();
    const bench = ready(launch);
    expect(bench.done(CREATE)).toMatchObject({ paused: true, state: expect.stringMatching(/^not run/) });
    const domain = bench.domain('ovmf');
    expect(bench.state.cell('guest', domain.id)).toBe(null);
    const runs = snpLaunchRuns(launch);
    for (const { gpa, pages, type } of runs.ok ? runs.value : [])
      for (let page = 0; page < pages; page++) {
        const spa =
          type === 'VMSA' ? domain.vmsas[0] : (frameOf(domain, gpa / PAGE_SIZE + page) ?? 0) * PAGE_SIZE;
        const entry = readEntry(bench.machine, spa ?? 0);
        expect(entry).toMatchObject({ assigned: true, asid: domain.asid, gpa: gpa + page * PAGE_SIZE });
        expect(pageState(entry)).toBe('Guest-Valid');
        expect(entry?.vmsa).toBe(type === 'VMSA');
      }
    expect(bench.done({ type: 'xl.unpause', guest: 'ovmf' })).toMatchObject({ paused: true });
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('gives everything back', () => {
    const bench = ready(given({ vcpus: 2 }));
    const free = () => {
      const { heap, free: domheap } = bench.state.need('xen');
      return [countFrames(heap), countFrames(domheap)];
    };
    // The first time Xen splits its own large mappings, and they stay split.
    bench.done(CREATE);
    bench.done({ type: 'xl.destroy', guest: 'ovmf' });
    const before = free();
    bench.done(CREATE);
    expect(free()).not.toEqual(before);
    bench.done({ type: 'xl.destroy', guest: 'ovmf' });
    expect(free()).toEqual(before);
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('has another digest when Domain-0 changes a byte of the image', () => {
    const launch = given();
    const made = ready(launch).done({ ...CREATE, tamper: true });
    const image = launch.image.slice();
    image[0x100] = 0xcc;
    expect(made.launchDigest).toBe(measured({ ...launch, image }));
    expect(made.launchDigest).not.toBe(measured(launch));
  });

  it('comes back to nothing when its changes are taken back', () => {
    const bench = ready(given());
    const mark = bench.changes.length;
    const before = stateDigest(bench.machine.config, bench.state);
    bench.done(CREATE);
    for (const change of bench.changes.slice(mark).reverse()) bench.state.revert(change);
    expect(stateDigest(bench.machine.config, bench.state)).toBe(before);
  });

  it('stops between its pages, so that nobody waits long', () => {
    const bench = ready(given());
    const steps = bench.machine.perform(CREATE);
    const told: number[] = [];
    for (let step = steps.next(); !step.done; step = steps.next())
      told.push(step.value.done / step.value.total);
    expect(told.length).toBeGreaterThan(40);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBeLessThanOrEqual(1);
  });
});

describe('a firmware image is refused', () => {
  it.each<[string, string, string]>([
    ['xl.no-image', 'firmware="/boot/nothing.fd"', 'without the file'],
    ['xl.no-image', 'kernel="/boot/nothing"', 'without its kernel'],
    ['xl.firmware-kind', 'sev_type="sev-es"', 'for another kind of guest'],
    ['xl.firmware-layout', 'memory=8', 'when its sections lie beyond the memory'],
    ['xl.bad-config', 'vmm_type="bhyve"', 'with registers of a hypervisor that nobody knows'],
  ])('by %s with %s: %s', (rule, extra) => {
    const bench = ready(given());
    const before = countFrames(bench.state.need('xen').free);
    expect(bench.refused({ ...CREATE, extra })).toBe(rule);
    expect(countFrames(bench.state.need('xen').free)).toBe(before);
  });

  it('when it has no footer table', () => {
    const bench = ready(given({ image: new Uint8Array(2 * PAGE_SIZE) }));
    expect(bench.refused(CREATE)).toBe('image.reset-block');
  });

  it('by today’s xl, which starts a PVH guest from a boot loader only', () => {
    const bench = new Bench({ technology: 'sev', xen: 'branch-coco' });
    bench.done({ type: 'dom0.file', name: 'ovmf.cfg', text: lines(given()) });
    expect(bench.refused(CREATE)).toBe('xl.bad-config');
  });
});

/** Firmware of apt’s package ovmf, installed or unpacked somewhere. */
const folder = process.env.OVMF ?? '/usr/share';
const OVMF = ['ovmf/OVMF.amdsev.fd', 'OVMF/OVMF_CODE_4M.fd', 'OVMF/OVMF_CODE.fd', 'ovmf/OVMF.fd']
  .map((name) => `${folder}/${name}`)
  .filter(existsSync);

describe.skipIf(OVMF.length === 0)('images of apt’s package ovmf (skipped where they are not)', () => {
  it.each(OVMF)('%s', { timeout: 60_000 }, (path) => {
    const launch = given({ image: new Uint8Array(readFileSync(path)) });
    const bench = ready(launch, 16, { ...SNP, memory: 64 * MIB } as typeof SNP);
    expect(bench.done(CREATE).launchDigest).toBe(measured(launch));
  });
});
