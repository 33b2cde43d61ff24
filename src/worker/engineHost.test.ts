import { expect, it } from 'vitest';
import { createHost } from './engineHost';
import type { EngineApi, Place, Update } from './protocol';

const opened = (id: string, step: number) => openedAt({ kind: 'scenario', id, step });

async function openedAt(place: Place): Promise<{ host: EngineApi; last: () => Update }> {
  const host = createHost({ now: () => 0, pause: () => Promise.resolve() });
  let update: Update | null = null;
  await host.connect((next) => {
    update = next;
  });
  expect((await host.open(place)).ok).toBe(true);
  return {
    host,
    last: () => {
      if (!update) throw new Error('nothing was told');
      return update;
    },
  };
}

it('answers every question at every change of the power-on and of a creation', async () => {
  const { host, last } = await opened('three-eyes', 1);
  const { length } = last().status;
  for (let change = 0; change <= length; change += change < 40 ? 1 : 61) {
    await host.move({ to: 'change', change });
    await host.page(260);
    await host.page(0);
    await host.look({ eye: 'host', c: 'mapped' }, 0x104000, 16);
    await host.look({ eye: 'guest', guest: 'alice', space: 'spa' }, 0x104000, 16);
    await host.look({ eye: 'device' }, 0x104000, 16);
    await host.walk('alice', 0x7f0000000000);
    await host.chip();
    await host.matrix();
    await host.asids();
    await host.firmware(null);
    await host.commandLog();
    await host.mailbox();
    await host.keys(1);
    await host.access();
    await host.offers();
    await host.frames('alice', 0x7f0000000000, 8192);
    await host.complete('guest.write ', 12);
    await host.timeline(0, length, 800);
  }
});

it('tells what moved: pages between near cursors, everything after a new session', async () => {
  const { host, last } = await opened('three-eyes', 1);
  expect(last().whole).toBe(true);
  await host.perform({ type: 'guest.write', guest: 'alice', data: 'hello, memory' });
  expect(last().whole).toBe(false);
  expect(last().patch.length).toBeGreaterThan(0);
  expect(last().status.outcome?.fault).toBeNull();
  const [note] = last().status.guests[0]?.objects.filter(({ kind }) => kind === 'text') ?? [];
  const seen = await host.look({ eye: 'guest', guest: 'alice', space: 'gva' }, note?.address ?? 0, 5);
  expect(seen.ok && new TextDecoder().decode(seen.bytes)).toBe('hello');
});

it('refuses what no schema takes, and nothing moves', async () => {
  const { host, last } = await opened('three-eyes', 1);
  const { revision } = last();
  const reply = await host.perform({ type: 'guest.write', guest: 'alice', data: 'hex:0' });
  expect(reply.ok).toBe(false);
  expect(last().revision).toBe(revision);
  const file = await host.open({
    kind: 'file',
    name: 'broken.yaml',
    bytes: new TextEncoder().encode('title: ['),
  });
  expect(file).toMatchObject({ ok: false, refusal: { where: 'broken.yaml, line 1, column 9' } });
});

it('loads a file in slices, and cancelled it leaves no trace', async () => {
  const { host, last } = await opened('three-eyes', 1);
  const before = await host.digest();
  const bytes = new Uint8Array(1024 * 1024).fill(7);
  const cancelled = host.load({ name: 'big', guest: 'alice', bytes }, () => void host.cancel());
  void host.cancel();
  await cancelled;
  expect(last().status.actionCount).toBeLessThanOrEqual(2);
  if (last().status.actionCount === 1) expect(await host.digest()).toBe(before);
  const loaded = await host.load({ name: 'big', guest: 'alice', bytes: bytes.slice() }, () => {});
  expect(loaded.ok).toBe(true);
});

it('shows the usual place before anything can be done there, and goes on from it as from any other', async () => {
  const { host, last } = await openedAt({ kind: 'usual' });
  const { scenario, link } = last().status;
  const id = scenario?.id ?? '';
  const other = await opened(id, 0);
  const { bootEnd, cursor, length, hot: _, ...same } = last().status;
  expect(other.last().status).toMatchObject(same);
  expect([cursor, length]).toEqual([bootEnd, bootEnd]);
  expect(bootEnd).toBeLessThan(other.last().status.bootEnd);
  expect(link).toEqual({ hash: `#2/s/${id}/0` });
  await host.digest();
  expect(last().status).toEqual({ ...other.last().status, cursor: last().status.cursor });
  expect(await host.digest()).toBe(await other.host.digest());
  for (const step of [1, 2]) {
    await host.move({ to: 'script', step });
    await other.host.move({ to: 'script', step });
    expect(last().status.scenario?.step).toBe(step);
  }
  expect(await host.digest()).toBe(await other.host.digest());
  await host.perform({ type: 'guest.write', guest: 'alice', data: 'her own' });
  expect(last().status.scenario?.strayed).toBe(true);
  expect(last().status.link).toHaveProperty('hash');
});

it('moves about in the power-on of the usual place', async () => {
  const { host, last } = await openedAt({ kind: 'usual' });
  await host.move({ to: 'change', change: 3 });
  expect(last().status.cursor).toBe(3);
  expect(last().whole).toBe(false);
  await host.move({ to: 'change', change: last().status.bootEnd });
  expect(last().status.link).toEqual({ hash: '#2/s/three-eyes/0' });
});

const PICTURE = {
  name: 'mine.png',
  width: 2,
  height: 2,
  bytes: Uint8Array.of(9, 8, 7, 255, 6, 5, 4, 255, 3, 2, 1, 255, 0, 99, 0, 255),
};

it('a script runs with the visitor’s picture, and a saved session goes on with it', async () => {
  const { host, last } = await opened('cold-boot', 1);
  const usual = await host.digest();
  expect((await host.script())?.picture).toEqual({ own: null });
  expect((await host.open({ kind: 'picture', picture: PICTURE })).ok).toBe(true);
  expect((await host.script())?.picture).toEqual({ own: 'mine.png' });
  expect(last().status.scenario).toMatchObject({ id: 'cold-boot', step: 1, strayed: false });
  expect(last().status.link).toHaveProperty('tooLong');
  expect(await host.digest()).not.toBe(usual);
  const digest = await host.digest();

  const bytes = new Uint8Array(await (await host.save()).arrayBuffer());
  const again = await openedAt({ kind: 'file', name: 'session.json', bytes });
  expect(again.last().status.scenario).toMatchObject({ id: 'cold-boot', step: 1, strayed: false });
  expect(await again.host.digest()).toBe(digest);
  await host.move({ to: 'script', step: 6 });
  await again.host.move({ to: 'script', step: 6 });
  expect(await again.host.digest()).toBe(await host.digest());

  expect((await host.open({ kind: 'picture', picture: null })).ok).toBe(true);
  await host.move({ to: 'script', step: 1 });
  expect(await host.digest()).toBe(usual);
  expect(last().status.link).toEqual({ hash: '#2/s/cold-boot/1' });
});

it('a picture is refused where the script loads none, and when its pixels do not fit', async () => {
  const { host } = await opened('three-eyes', 1);
  expect(await host.open({ kind: 'picture', picture: PICTURE })).toMatchObject({
    ok: false,
    refusal: { message: 'The open scenario loads no picture.', where: 'mine.png' },
  });
  const boot = await opened('cold-boot', 0);
  const short = { ...PICTURE, width: 3 };
  expect((await boot.host.open({ kind: 'picture', picture: short })).ok).toBe(false);
});

it('a link of a script that was left, or that runs on another machine, still has the script', async () => {
  const { host, last } = await opened('three-eyes', 2);
  await host.perform({ type: 'guest.write', guest: 'alice', data: 'my own' });
  const { link, scenario } = last().status;
  expect(scenario).toMatchObject({ step: 2, strayed: true });
  if (!('hash' in link)) throw new Error('too long');
  const digest = await host.digest();
  const there = await openedAt({ kind: 'link', hash: link.hash });
  expect(there.last().status.scenario).toEqual(scenario);
  expect(there.last().status.link).toEqual(link);
  expect(await there.host.digest()).toBe(digest);

  await host.move({ to: 'script', step: 3 });
  await host.open({ kind: 'reconfigure', config: { generation: 'genoa' } });
  const other = last().status.link;
  if (!('hash' in other)) throw new Error('too long');
  const genoa = await openedAt({ kind: 'link', hash: other.hash });
  expect(genoa.last().status.config.generation).toBe('genoa');
  expect(genoa.last().status.scenario).toMatchObject({ id: 'three-eyes', step: 3, strayed: false });
});

it('a dropped scenario goes along with its session', async () => {
  const text = `title: Mine
summary: For the test.
rows: []
steps:
  - { title: Look, narration: Nothing. }
  - { title: Create, narration: A guest., do: [{ type: xl.create, config: alice.cfg, extra: 'name="eve" memory=1' }] }
`;
  const dropped: Place = { kind: 'file', name: 'mine.yaml', bytes: new TextEncoder().encode(text) };
  const { host, last } = await openedAt(dropped);
  for (const step of [1, 2]) {
    await host.move({ to: 'script', step });
    const { link } = last().status;
    if (!('hash' in link)) throw new Error('too long');
    const there = await openedAt({ kind: 'link', hash: link.hash });
    expect(there.last().status.scenario).toMatchObject({ id: 'mine.yaml', title: 'Mine', step });
    expect(await there.host.digest()).toBe(await host.digest());
  }
});

it('the matrix calls what a device wrote in plain text what it is, although the owner sees noise', async () => {
  const { host } = await opened('dma-three-ways', 3);
  const { readers, cells } = await host.matrix();
  expect(cells[readers.indexOf('DRAM probe')]?.[0]?.result).toBe('raw');
  expect(cells[readers.indexOf('alice')]?.[0]?.result).toBe('own');
  await host.open({ kind: 'scenario', id: 'dma-three-ways', step: 2 });
  expect((await host.matrix()).cells[readers.indexOf('DRAM probe')]?.[0]?.result).toBe('ciphertext');
});

it('shows the second host once a guest has migrated there, and the first again', async () => {
  const { host, last } = await openedAt({ kind: 'machine', config: {} });
  await host.perform({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 sev_policy=1' });
  expect(last().status.hosts).toBe(1);
  await host.perform({ type: 'guest.write', guest: 'alice', data: 'balance=1000 EUR' });
  const note = last().status.guests[0]?.objects.at(-1);
  await host.perform({ type: 'xl.migrate', guest: 'alice' });
  expect(last().status).toMatchObject({ hosts: 2, host: 'a', guests: [] });
  await host.viewHost('b');
  expect(last().status).toMatchObject({ host: 'b', guests: [{ name: 'alice' }] });
  const eye = { eye: 'guest', guest: 'alice', space: 'gva' } as const;
  const seen = await host.look(eye, note?.address ?? 0, 16);
  expect(seen.ok && new TextDecoder().decode(seen.bytes)).toBe('balance=1000 EUR');
  await host.viewHost('a');
  expect(last().status).toMatchObject({ host: 'a', guests: [] });
});
