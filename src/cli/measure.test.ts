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
  readonly ovmf_hash_seed?: string;
  readonly expected_digest?: string;
  readonly expected_error?: string;
}

interface Image {
  readonly data_zlib_base64?: string;
  readonly tail_4096_zlib_base64?: string;
  readonly ovmf_hash?: string;
}

interface File {
  readonly images: Readonly<Record<string, Image>>;
  readonly cases: readonly Case[];
}

function bytesOf({ data_base64, construction = '' }: Loaded): Uint8Array {
  if (data_base64 !== undefined) return Buffer.from(data_base64, 'base64');
  const [, a, b, length] = /\((\d+)\*i \+ (\d+) \+ \(i>>8\)\) mod 256, (\d+) bytes/.exec(construction) ?? [];
  return Uint8Array.from({ length: Number(length) }, (_, i) => Number(a) * i + Number(b) + (i >> 8));
}

/** The call for a case, every field of it as an option of the same name. */
function callOf(json: File, c: Case): string[] {
  const { data_zlib_base64, tail_4096_zlib_base64 = '', ovmf_hash } = json.images[c.image] ?? {};
  const image = inflateSync(Buffer.from(data_zlib_base64 ?? tail_4096_zlib_base64, 'base64'));
  const given = {
    mode: c.mode,
    image: file(`${c.id}.fd`, image),
    vcpus: String(c.vcpus),
    'vcpu-type': c.vcpu_type,
    'vcpu-sig': c.vcpu_sig,
    vmm: c.vmm,
    'guest-features': c.guest_features,
    'ovmf-hash': c.ovmf_hash_seed ?? ovmf_hash ?? null,
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
    expect(err[0]).toMatch(/The image (names no place for kernel hashes|has no SEV-ES reset block)/);
    return;
  }
  expect(err).toEqual([]);
  expect(JSON.parse(out)).toMatchObject({ mode: c.mode, launch_digest: c.expected_digest });
}

describe('every case of a launch digest', () => {
  it.each(vectors.cases)('$id', (c) => agrees(vectors, c));

  const shared = fileURLToPath(new URL('../../../shared/vectors/launch-digest.json', import.meta.url));
  describe.skipIf(!existsSync(shared))(
    'of the originals (skipped where the shared vectors are absent)',
    () => {
      const json: File = existsSync(shared) ? JSON.parse(readFileSync(shared, 'utf8')) : vectors;
      it.each(json.cases)('$id', (c) => agrees(json, c));
    },
  );
});

describe('an SNP guest', () => {
  const [snp] = vectors.cases as unknown as [Case, ...Case[]];
  const call = callOf(vectors, snp);

  it('shows the digest after each run of pages', () => {
    const trace = vectors.cases[0]?.trace ?? [];
    const { loaded } = JSON.parse(run(...call).out) as { loaded: object[] };
    expect(loaded).toHaveLength(trace.length);
    for (const [i, { step, gpa, pages, ld_after }] of trace.entries())
      expect(loaded[i]).toMatchObject({
        what: step === 'firmware pages' ? 'image' : step,
        gpa,
        pages,
        launch_digest: ld_after,
      });
  });

  it('says its digest alone in two ways, and JSON unless asked', () => {
    const digest = snp.expected_digest ?? '';
    expect(run(...call, '--output', 'hex').out).toBe(digest);
    expect(run(...call, '--output-format', 'base64').out).toBe(Buffer.from(digest, 'hex').toString('base64'));
    expect(run(...call, '--json').out).toBe(run(...call).out);
  });

  it('takes a processor by its parts, and SNP alone as its features', () => {
    const bare = [
      '--mode',
      'snp',
      '--ovmf',
      file('syn-a.fd', inflateSync(Buffer.from(vectors.images['syn-a'].data_zlib_base64, 'base64'))),
    ];
    const parts = ['--vcpu-family', '25', '--vcpu-model', '1', '--vcpu-stepping', '1'];
    expect(JSON.parse(run(...bare, ...parts).out)).toMatchObject({ launch_digest: snp.expected_digest });
  });

  it('of EC2 says that nobody knows for sure', () => {
    expect(JSON.parse(run(...call, '--vmm=ec2').out)).toHaveProperty('note');
    expect(JSON.parse(run(...call).out)).not.toHaveProperty('note');
  });
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
  const snp = ['--mode', 'snp', '--ovmf', image];
  it.each<[string[], RegExp]>([
    [[], /No --mode was given: it is sev, sev-es or snp\.$/],
    [
      ['--mode', 'tdx', '--ovmf', image],
      /"tdx" is no mode that can be measured: it is sev, sev-es or snp\.$/,
    ],
    [['--mode', 'snp'], /No --ovmf was given\.$/],
    [snp, /give --vcpu-type, --vcpu-sig, or --vcpu-family, --vcpu-model and --vcpu-stepping\.$/],
    [
      [...snp, '--tik', owner.tik],
      /--tik: an SNP guest has a launch digest and no measurement with a key\.$/,
    ],
    [['--mode', 'snp', '--digest', owner.launch_digest], /--launch-digest: an SNP guest has/],
    [[...snp, '--vcpu-sig=1', '--ovmf-hash', '00'], /--ovmf-hash: not 96 hexadecimal digits\.$/],
    [[...snp, '--vcpu-sig=1', '--guest-features', `0x1${'0'.repeat(16)}`], /not a number of 64 bits\.$/],
    [[...snp, '--vcpu-family', '25'], /also needs --vcpu-model, --vcpu-stepping\.$/],
    [
      [...snp, '--vcpu-type=EPYC', '--vcpu-family=25', '--vcpu-model=1', '--vcpu-stepping=1'],
      /that family, model and stepping is not the signature of EPYC, 0x800f12\.$/,
    ],
    [[...sev, '--ovmf-hash', '00'], /only the digest of an SNP guest can go on from its image’s\.$/],
    [[...sev, '--output', 'xml'], /--output: "xml" is not known; it is json, hex, base64\.$/],
    [[...sev, '--output', 'hex', '--json'], /--json is --output json: give one of them\.$/],
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
    [es, /give --vcpu-type, --vcpu-sig, or /],
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

  it.each([
    ['after some pages', 4095, /plain-4095\.fd: The image is 4095 bytes long, not a whole number of pages\./],
    ['of nothing', 0, /plain-0\.fd: The image is 0 bytes long/],
    ['of zeros', 4096, /plain-4096\.fd: The image has no SEV-ES reset block/],
  ])('as SNP guest with an image %s', (_, length, message) => {
    const path = file(`plain-${length}.fd`, new Uint8Array(length));
    const { code, out, err } = run('--mode', 'snp', '--ovmf', path, '--vcpu-sig', '0x00a00f11');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err[0]).toMatch(message);
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
