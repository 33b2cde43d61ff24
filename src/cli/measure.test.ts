import { createHash, createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import owners from '../engine/asp/crypto/vectors/sev-measurement.json';
import vectors from '../engine/asp/image/vectors/launch-digest.json';
import { FIRMWARE } from '../engine/asp/platform';
import { toHex } from '../engine/core/bytes';
import { transportOf } from '../engine/owner/memory';
import { Bench } from '../engine/testing/bench';
import { dispatch } from './dispatch';

const folder = mkdtempSync(join(tmpdir(), 'sevscope-measure-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function run(...args: string[]): { code: number; out: string; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const code = dispatch(['measure', ...args], {
    line: (text) => out.push(text),
    error: (text) => err.push(text),
  });
  return { code, out: out.join('\n'), err };
}

interface Loaded {
  readonly data_base64?: string;
  readonly construction?: string;
}

interface Case {
  readonly id: string;
  readonly mode: string;
  readonly image: string;
  readonly vcpus: number;
  readonly vcpu_type: string | null;
  readonly vcpu_sig: string | null;
  readonly vmm: string;
  readonly guest_features: string;
  readonly kernel: Loaded | null;
  readonly initrd: Loaded | null;
  readonly append: string | null;
  readonly expected_digest?: string;
  readonly expected_error?: string;
}

interface File {
  readonly images: Readonly<Record<string, { data_zlib_base64?: string }>>;
  readonly cases: readonly Case[];
}

function bytesOf({ data_base64, construction = '' }: Loaded): Uint8Array {
  if (data_base64 !== undefined) return Buffer.from(data_base64, 'base64');
  const [, a, b, length] = /\((\d+)\*i \+ (\d+) \+ \(i>>8\)\) mod 256, (\d+) bytes/.exec(construction) ?? [];
  return Uint8Array.from({ length: Number(length) }, (_, i) => Number(a) * i + Number(b) + (i >> 8));
}

/** The call for a case, every field of it as an option of the same name. */
function callOf(json: File, c: Case): string[] {
  const image = inflateSync(Buffer.from(json.images[c.image]?.data_zlib_base64 ?? '', 'base64'));
  const given = {
    mode: c.mode,
    image: file(`${c.id}.fd`, image),
    vcpus: String(c.vcpus),
    'vcpu-type': c.vcpu_type,
    'vcpu-sig': c.vcpu_sig,
    vmm: c.vmm,
    'guest-features': c.guest_features,
    kernel: c.kernel && file(`${c.id}.kernel`, bytesOf(c.kernel)),
    initrd: c.initrd && file(`${c.id}.initrd`, bytesOf(c.initrd)),
    append: c.append,
  };
  return Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [`--${name}`, value]));
}

function agrees(json: File, c: Case): void {
  const { code, out, err } = run(...callOf(json, c));
  if (c.expected_error !== undefined) {
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err[0]).toMatch(/The image names no place for kernel hashes/);
    return;
  }
  expect(err).toEqual([]);
  expect(JSON.parse(out)).toMatchObject({ mode: c.mode, launch_digest: c.expected_digest });
}

describe('every case of a launch digest', () => {
  it.each(vectors.cases.filter(({ mode }) => mode !== 'snp'))('$id', (c) => agrees(vectors, c));

  const shared = fileURLToPath(new URL('../../../shared/vectors/launch-digest.json', import.meta.url));
  describe.skipIf(!existsSync(shared))(
    'of the originals (skipped where the shared vectors are absent)',
    () => {
      const json: File = existsSync(shared) ? JSON.parse(readFileSync(shared, 'utf8')) : vectors;
      it.each(json.cases.filter(({ mode }) => mode !== 'snp'))('$id', (c) => agrees(json, c));
    },
  );
});

type Measure = (typeof owners.launch_measure)[number];

const ownerOf = (c: Measure): string[] => [
  `--tik=${c.tik}`,
  `--api-major=${c.api_major}`,
  `--api-minor=${c.api_minor}`,
  `--build-id=${c.build_id}`,
  `--policy=${c.policy}`,
  `--mnonce=${c.mnonce}`,
];

const image = file('plain.fd', new Uint8Array(4096).fill(7));
const [owner] = owners.launch_measure as [Measure, ...Measure[]];

describe('a measurement', () => {
  it.each(owners.launch_measure)('$id from its digest', (c) => {
    const { code, out } = run('--mode', 'sev-es', '--launch-digest', c.launch_digest, ...ownerOf(c));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      mode: 'sev-es',
      launch_digest: c.launch_digest,
      measurement: c.measure,
    });
  });

  it('from an image', () => {
    const digest = createHash('sha256').update(new Uint8Array(4096).fill(7)).digest();
    const input = Buffer.from(owner.hmac_input, 'hex');
    digest.copy(input, 8);
    const measure = createHmac('sha256', Buffer.from(owner.tik, 'hex')).update(input).digest('hex');
    expect(JSON.parse(run('--mode', 'sev', '--ovmf', image, ...ownerOf(owner)).out)).toEqual({
      mode: 'sev',
      launch_digest: digest.toString('hex'),
      measurement: measure,
      loaded: [{ what: 'image', bytes: 4096, sha256: digest.toString('hex') }],
    });
  });
});

describe('names of other tools', () => {
  it('are the same options', () => {
    const { out } = run('--mode', 'sev', '--ovmf', image);
    for (const name of ['image', 'firmware']) expect(run('--mode', 'sev', `--${name}`, image).out).toBe(out);
    expect(run('--mode', 'sev', '--ovmf', image, '--vmm-type', 'qemu', '--num-cpus', '2').out).toBe(out);
    expect(run('--mode', 'sev', '--digest', owner.launch_digest).code).toBe(0);
  });
});

describe('a call that makes no sense exits with 2', () => {
  const sev = ['--mode', 'sev', '--ovmf', image];
  const es = ['--mode', 'sev-es', '--ovmf', image];
  it.each<[string[], RegExp]>([
    [[], /No --mode was given: it is sev or sev-es\.$/],
    [['--mode', 'snp', '--ovmf', image], /"snp" is no mode that can be measured: it is sev or sev-es\.$/],
    [['--mode', 'sev'], /No --ovmf and no --launch-digest was given\.$/],
    [[...sev, '--launch-digest', owner.launch_digest], /exclude each other\.$/],
    [[...sev, '--image', image], /--ovmf and --image are the same\.$/],
    [[...sev, '--initrd', image], /with a kernel only: give --kernel\.$/],
    [[...sev, '--append', ''], /with a kernel only: give --kernel\.$/],
    [[...sev, '--guest-features', '0x1'], /--guest-features: SEV_FEATURES .* is 0\.$/],
    [[...sev, '--vmm', 'xen'], /--vmm: "xen" is not known; it is QEMU, ec2, gce\.$/],
    [[...sev, '--vcpus', '0'], /--vcpus: from 1 to 4096\.$/],
    [[...sev, '--vcpus', 'two'], /--vcpus: "two" is not a number/],
    [[...sev, '--vcpu-type', 'Z80'], /--vcpu-type: "Z80" is not known; it is EPYC, EPYC-v1, /],
    [[...sev, '--vcpu-type', 'EPYC', '--vcpu-sig', '1'], /not the signature of EPYC, 0x800f12\.$/],
    [es, /give --vcpu-type or --vcpu-sig\.$/],
    [[...sev, '--tik', owner.tik], /also needs --api-major, --api-minor, --build-id, --policy, --mnonce\.$/],
    [[...sev, ...ownerOf(owner), '--tik', '12'], /--tik: not 32 hexadecimal digits\.$/],
    [[...sev, ...ownerOf(owner), '--policy', '0x100000000'], /--policy: .* not a number of 32 bits\.$/],
    [[...sev, ...ownerOf(owner), '--api-minor', '256'], /--api-minor: "256" is not a number of 8 bits\.$/],
    [['--mode', 'sev', '--digest', 'ab'], /--launch-digest: not 64 hexadecimal digits\.$/],
    [[...sev, 'more'], /^measure: Unexpected argument 'more'/],
    [[...sev, '--moon', 'full'], /^measure: Unknown option '--moon'/],
  ])('%j', (args, message) => {
    const { code, out, err } = run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err[0]).toMatch(message);
  });
});

describe('a guest is not measured', () => {
  it.each(['ovmf', 'kernel', 'initrd'])('without its file for --%s', (name) => {
    const files = { ovmf: image, kernel: image, initrd: image, [name]: join(folder, 'absent') };
    const { code, err } = run(
      '--mode=sev',
      ...Object.entries(files).flatMap(([each, path]) => [`--${each}`, path]),
    );
    expect(code).toBe(2);
    expect(err[0]).toMatch(/absent: cannot be read: there is no such file\.$/);
  });

  it('without a reset block', () => {
    const { code, err } = run('--mode', 'sev-es', '--ovmf', image, '--vcpu-sig', '0x00a00f11');
    expect(code).toBe(1);
    expect(err[0]).toMatch(/plain\.fd: The image has no SEV-ES reset block/);
  });
});

it('gives the measurement that a machine with SEV-ES answers', () => {
  const bench = new Bench({ technology: 'sev-es' });
  bench.done({ type: 'owner.session', config: 'alice.cfg' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', session: true });
  const { launchDigest, policy } = bench.state.need('handle', 1);
  const measured = bench.domain('alice').measurement ?? '';
  const { major, minor, build } = FIRMWARE;
  const numbers = {
    'api-major': major,
    'api-minor': minor,
    'build-id': build,
    policy: `0x${policy.toString(16)}`,
  };
  const tik = toHex(transportOf(bench.machine, bench.state.need('owner').sessions[0]?.name ?? '').tik);
  const args = {
    mode: 'sev-es',
    'launch-digest': launchDigest ?? '',
    tik,
    mnonce: measured.slice(64),
    ...numbers,
  };
  const { code, out } = run(...Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]));
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ mode: 'sev-es', measurement: measured.slice(0, 64) });
});
