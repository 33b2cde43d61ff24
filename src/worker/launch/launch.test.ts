import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallImage } from '../../engine/asp/image/smallImage';
import { type Case, type Cases, OURS, snpLaunchOf } from '../../engine/asp/image/testing/cases.node';
import { madeIdBlock } from '../../engine/asp/snp/testing/idBlocks.node';
import { fromHex, toHex } from '../../engine/core/bytes';
import type { LaunchChange, LaunchReply, LaunchSettings, LaunchView } from '../protocol';
import { createLaunchRoom } from './room';

const sha384 = (bytes: Uint8Array): string => createHash('sha384').update(bytes).digest('hex');

const silent = (): void => {};

const room = (clock: () => number = () => 0) =>
  createLaunchRoom({ now: clock, pause: () => Promise.resolve() });

type Room = ReturnType<typeof room>;

async function changed(to: Room, ...changes: readonly LaunchChange[]): Promise<LaunchReply> {
  let last: LaunchReply = { view: await to.launch(), refusal: null };
  for (const change of changes) last = await to.changeLaunch(change, silent);
  return last;
}

async function viewOf(to: Room, ...changes: readonly LaunchChange[]): Promise<LaunchView> {
  const { view, refusal } = await changed(to, ...changes);
  expect(refusal).toBeNull();
  return view;
}

const image = (bytes: Uint8Array): LaunchChange => ({ put: { kind: 'image', name: 'ovmf.fd' }, bytes });

/** A case as somebody at the window would give it, in one order or another. */
function changesOf(file: Cases, c: Case): LaunchChange[] {
  const { image: bytes, kernel, imageDigest, signature } = snpLaunchOf(file, c);
  const settings: Partial<LaunchSettings> = {
    vcpus: c.vcpus,
    processor: String(signature),
    vmm: c.vmm,
    features: c.guest_features,
    append: kernel?.append ?? '',
    imageDigest: imageDigest ? toHex(imageDigest) : '',
  };
  return [
    { settings },
    image(bytes),
    ...(kernel ? [{ put: { kind: 'kernel' as const, name: 'bzImage' }, bytes: kernel.kernel }] : []),
    ...(kernel?.initrd?.length
      ? [{ put: { kind: 'initrd' as const, name: 'initrd' }, bytes: kernel.initrd }]
      : []),
  ].filter(({ bytes: given }: LaunchChange) => !(given instanceof Uint8Array) || given.length > 0);
}

async function agrees(file: Cases, c: Case): Promise<void> {
  const launch = room();
  const replies: LaunchReply[] = [];
  for (const change of changesOf(file, c)) replies.push(await changed(launch, change));
  if (c.expected_error === undefined) expect(replies.at(-1)?.view.film?.digest).toBe(c.expected_digest);
  else expect(replies.some(({ refusal }) => refusal !== null)).toBe(true);
}

/** An empty kernel is measured by the engine, but no file that somebody hands over. */
const casesOf = ({ cases }: Cases) =>
  cases.filter(({ mode, kernel }) => mode === 'snp' && kernel?.data_base64 !== '');

const shared = fileURLToPath(new URL('../../../../shared/vectors/launch-digest.json', import.meta.url));
const originals: Cases | null = existsSync(shared) ? JSON.parse(readFileSync(shared, 'utf8')) : null;

describe('a launch that is measured for the window', () => {
  it.each(casesOf(OURS))('$id', (c) => agrees(OURS, c));

  describe.skipIf(!originals)('as in the originals (skipped where the shared vectors are absent)', () => {
    const file = originals ?? OURS;
    it.each(casesOf(file))('$id', (c) => agrees(file, c));
  });
});

describe('the film', () => {
  it('has a frame a page, each beginning with the digest that the one before it ended with', async () => {
    const launch = room();
    const { film } = await viewOf(launch, image(smallImage()), { settings: { vcpus: 3 } });
    expect(film?.frames).toBe(16 + 9 + 3 + 1 + 1 + 1 + 15 + 3);
    const frames = film?.frames ?? 0;
    let before = '0'.repeat(96);
    for (let index = 0; index < frames; index++) {
      const frame = await launch.launchFrame(index);
      expect(frame?.before).toBe(before);
      expect(frame?.info).toHaveLength(112);
      expect(sha384(frame?.info ?? new Uint8Array())).toBe(frame?.after);
      const hashed = frame?.type === 'NORMAL' || frame?.type === 'VMSA';
      expect(frame?.contents).toBe(hashed && frame?.bytes ? sha384(frame.bytes) : '0'.repeat(96));
      before = frame?.after ?? '';
    }
    expect(before).toBe(film?.digest);
    expect(await launch.launchFrame(frames)).toBeNull();
    expect(await launch.launchFrame(-1)).toBeNull();
  });

  it('shows pages with their places, and the fields of PAGE_INFO over its bytes', async () => {
    const launch = room();
    await viewOf(launch, image(smallImage()));
    const frame = await launch.launchFrame(15);
    expect(frame).toMatchObject({ what: 'image', gpa: 0xfffff000, imageOffset: 0xf000 });
    expect(frame?.bytes).toEqual(smallImage().subarray(0xf000));
    const fields = frame?.fields ?? [];
    expect(fields.map(({ name, value }) => [name, value])).toEqual([
      ['DIGEST_CUR', frame?.before],
      ['CONTENTS', frame?.contents],
      ['LENGTH', '0x70'],
      ['PAGE_TYPE', '0x1'],
      ['IMI_PAGE', '0x0'],
      ['reserved', '0x0'],
      ['VMPL1_PERMS', '0x0'],
      ['VMPL2_PERMS', '0x0'],
      ['VMPL3_PERMS', '0x0'],
      ['GPA', '0xfffff000'],
    ]);
    const end = fields.reduce((at, { offset, size }) => (offset === at ? at + size : Number.NaN), 0);
    expect(end).toBe(112);
    const [vmsa] = (await launch.launchFrames([46])) ?? [];
    expect(vmsa).toMatchObject({ type: 'VMSA', gpa: 0xffff_ffff_f000, what: 'VMSA of vCPU 0' });
  });

  it('says where the image keeps its table and its metadata', async () => {
    const bytes = smallImage();
    const view = await viewOf(room(), image(bytes));
    const at = (offset: number, size: number) =>
      new DataView(bytes.buffer).getUint32(offset, true) + (size === 4 ? 0 : Number.NaN);
    expect(view.image?.entries.map(({ name }) => name)).toEqual([
      'SEV-ES reset block',
      'Secrets of a SEV guest',
      'Table of kernel hashes',
      'SEV metadata',
    ]);
    for (const { offset, value } of view.image?.entries ?? [])
      expect(toHex(bytes.subarray(offset, offset + value.length / 2))).toBe(value);
    for (const { offset, gpa, pages } of view.image?.sections ?? []) {
      expect(at(offset, 4)).toBe(gpa);
      expect(at(offset + 4, 4)).toBe(pages * 4096);
    }
    expect(view.image?.sections.map(({ type }) => type)).toEqual([
      'ZERO',
      'ZERO',
      'SECRETS',
      'CPUID',
      'ZERO',
      'ZERO',
    ]);
  });
});

describe('a byte that is inverted', () => {
  it('changes every digest from its page on, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(0xf800), async (offset) => {
        const launch = room();
        const { film, flip } = await viewOf(launch, { example: true }, { flip: offset });
        const page = Math.floor(offset / 4096);
        expect(flip).toMatchObject({ offset, first: page, fault: null });
        expect(flip?.after).toBe((flip?.before ?? 0) ^ 0xff);
        const frames = await launch.launchFrames(Array.from({ length: film?.frames ?? 0 }, (_, i) => i));
        expect(frames.findIndex(({ other }) => other !== null)).toBe(page);
        expect(frames.at(-1)?.other).toBe(flip?.digest);
        const other = smallImage();
        other[offset] = (other[offset] ?? 0) ^ 0xff;
        expect((await viewOf(room(), image(other))).film?.digest).toBe(flip?.digest);
      }),
      { numRuns: 10 },
    );
  });

  it('may leave an image that is not measured any more; the film stands', async () => {
    const bytes = smallImage();
    const { film } = await viewOf(room(), image(bytes.slice()));
    const { film: same, flip } = await viewOf(room(), image(bytes), { flip: bytes.length - 0x600 });
    expect(flip?.fault?.rule.id).toBe('image.sev-metadata');
    expect(same?.digest).toBe(film?.digest);
  });

  it('is refused beyond the image, and goes with another image', async () => {
    const launch = room();
    await viewOf(launch, { example: true }, { flip: 0 });
    for (const flip of [-1, 0x10000, Number.NaN, 0.5])
      expect((await changed(launch, { flip })).refusal?.where).toBe('Offset of the byte');
    expect((await launch.launch()).flip?.offset).toBe(0);
    expect((await viewOf(launch, image(smallImage()))).flip).toBeNull();
  });
});

describe('what cannot be measured is refused, with its place, and what stood before stands', () => {
  const broken = (at: number, value: number): Uint8Array => {
    const bytes = smallImage();
    bytes[at] = value;
    return bytes;
  };
  const table = 0x10000 - 32 - 18;

  it.each<[string, Uint8Array, string]>([
    ['half a page', smallImage().subarray(0, 0x9800), 'offset 0x9000'],
    ['no table', new Uint8Array(0x2000), 'offset 0x1fd0'],
    ['a table of no length', broken(table, 5), `offset 0x${table.toString(16)}`],
    ['metadata of another name', broken(0x10000 - 0x600, 0), `offset 0x${(0x10000 - 0x600).toString(16)}`],
    [
      'a section of another kind',
      broken(0x10000 - 0x600 + 24, 9),
      `offset 0x${(0x10000 - 0x600 + 24).toString(16)}`,
    ],
  ])('an image with %s', async (_, bytes, where) => {
    const launch = room();
    const before = await viewOf(launch, { example: true }, { flip: 7 });
    const { view, refusal } = await changed(launch, image(bytes.slice()));
    expect(refusal?.where).toBe(`ovmf.fd, ${where}`);
    expect(refusal?.message).toMatch(/\.$/);
    expect(view).toEqual(before);
  });

  it.each<[string, Partial<LaunchSettings>]>([
    ['vCPUs', { vcpus: 0 }],
    ['vCPUs', { vcpus: 5000 }],
    ['vCPUs', { vcpus: Number.NaN }],
    ['Processor', { processor: 'Pentium' }],
    ['Hypervisor', { vmm: 'xen' }],
    ['Guest features', { features: '0x1ffffffffffffffff' }],
    ['Policy', { policy: '' }],
    ['Digest after the image', { imageDigest: 'ab' }],
    ['Command line', { append: 'a'.repeat(70_000) }],
  ])('a wrong field: %s', async (where, settings) => {
    const launch = room();
    const before = await viewOf(launch, { example: true });
    const { view, refusal } = await changed(launch, { settings });
    expect(refusal?.where).toBe(where);
    expect(view).toEqual(before);
  });

  it('a file of more than 64 MiB, and an empty one', async () => {
    const { refusal } = await changed(room(), image(new Uint8Array(64 * 2 ** 20 + 4096)));
    expect(refusal?.title).toBe('This file is too large');
    expect((await changed(room(), image(new Uint8Array(0)))).refusal?.title).toBe('This file is empty');
  });
});

describe('long work', () => {
  it('is done in slices, tells how far it is, and can be cancelled', async () => {
    let time = 0;
    const launch = room(() => (time += 13));
    const told: number[] = [];
    const done = await launch.changeLaunch({ example: true }, (part) => told.push(part));
    expect(done.view.film).not.toBeNull();
    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    const work = launch.changeLaunch({ settings: { vcpus: 500 } }, silent);
    await launch.cancelLaunch();
    expect((await work).view).toEqual(done.view);
    expect((await launch.launch()).settings.vcpus).toBe(1);
  });

  it('is given up for what comes later, of which nothing is lost', async () => {
    let time = 0;
    const launch = room(() => (time += 13));
    const first = launch.changeLaunch({ example: true }, silent);
    const second = launch.changeLaunch({ settings: { vcpus: 2 } }, silent);
    const third = launch.changeLaunch({ flip: 0x5123 }, silent);
    expect((await first).view.film).toBeNull();
    expect((await second).view.film).toBeNull();
    const { view } = await third;
    expect(view.film?.frames).toBe(48);
    expect(view.flip?.first).toBe(5);
    expect(await viewOf(room(), { example: true }, { settings: { vcpus: 2 } })).toMatchObject({
      film: { digest: view.film?.digest },
    });
  });
});

describe('an ID block beside the launch', () => {
  const { block, auth, policy } = madeIdBlock();
  const put = (kind: 'id-block' | 'id-auth', bytes: Uint8Array): LaunchChange => ({
    put: { kind, name: kind },
    bytes,
  });
  const base64 = (bytes: Uint8Array) => new TextEncoder().encode(Buffer.from(bytes).toString('base64'));
  const hexadecimal = (bytes: Uint8Array) => new TextEncoder().encode(`${toHex(bytes)}\n`);

  it('is refused when it names another digest, as the firmware would', async () => {
    const view = await viewOf(room(), { example: true }, put('id-block', block), put('id-auth', auth), {
      settings: { policy: `0x${policy.toString(16)}`, authorKey: true },
    });
    expect(view.idBlock?.verdict?.status).toBe('BAD_MEASUREMENT');
    expect(view.idBlock?.verdict?.checks.map(({ passed }) => passed)).toEqual([false]);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['as it is', (bytes) => bytes],
    ['in base64', base64],
    ['in hexadecimal', hexadecimal],
  ])('is read %s, and without its page nobody has signed it', async (_, form) => {
    const launch = room();
    const view = await viewOf(launch, { example: true }, put('id-block', form(block)));
    expect(view.idBlock?.verdict).toBeNull();
    expect(view.idBlock?.fields).toContainEqual({ name: 'POLICY', value: `0x${policy.toString(16)}` });
    expect((await viewOf(launch, put('id-auth', form(auth)))).idBlock?.verdict?.status).toBe(
      'BAD_MEASUREMENT',
    );
  });

  it('of another length is refused, with the place where it ends', async () => {
    const { refusal } = await changed(room(), put('id-block', fromHex('00'.repeat(95))));
    expect(refusal).toMatchObject({ title: 'This is no ID block', where: 'id-block, offset 0x5f' });
  });
});
