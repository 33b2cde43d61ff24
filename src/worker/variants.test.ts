import { expect, it } from 'vitest';
import { createHost } from './engineHost';
import type { EngineApi, Place, Status } from './protocol';

interface Open {
  readonly host: EngineApi;
  readonly status: () => Status;
  readonly link: () => string;
}

async function openedAt(place: Place): Promise<Open> {
  const host = createHost({ now: () => 0, pause: () => Promise.resolve() });
  let latest: Status | null = null;
  await host.connect(({ status }) => {
    latest = status;
  });
  const reply = await host.open(place);
  if (!reply.ok) throw new Error(reply.refusal.message);
  const status = () => latest ?? reply.value;
  return {
    host,
    status,
    link: () => {
      const { link } = status();
      if (!('hash' in link)) throw new Error('too long');
      return link.hash;
    },
  };
}

const severed: Place = { kind: 'scenario', id: 'npt-remap-severed', step: 4 };

it('a short link names an attack on another technology, and opens it there', async () => {
  const { host, link } = await openedAt({ ...severed, technology: 'sev-snp' });
  expect(link()).toBe('#2/s/npt-remap-severed~sev-snp/4');
  const there = await openedAt({ kind: 'link', hash: link() });
  expect(there.status().config.technology).toBe('sev-snp');
  expect(await there.host.digest()).toBe(await host.digest());
});

it('the technology switch follows the open script again, there and back', async () => {
  const { host, status, link } = await openedAt(severed);
  expect(link()).toBe('#2/s/npt-remap-severed/4');
  await host.open({ kind: 'reconfigure', config: { technology: 'sev' } });
  expect(link()).toBe('#2/s/npt-remap-severed~sev/4');
  await host.open({ kind: 'reconfigure', config: { technology: 'sev-es' } });
  expect(link()).toBe('#2/s/npt-remap-severed/4');
  expect(status().scenario).toMatchObject({ step: 4, strayed: false });
});

it('a scenario that is no attack gets a short link on another technology, too', async () => {
  const { host, status, link } = await openedAt({ kind: 'scenario', id: 'c-bit', step: 1 });
  await host.open({ kind: 'reconfigure', config: { technology: 'off' } });
  expect(link()).toBe('#2/s/c-bit~off/1');
  const there = await openedAt({ kind: 'link', hash: link() });
  expect(there.status().config).toEqual(status().config);
  await host.open({ kind: 'reconfigure', config: { seed: 9 } });
  expect(link()).toMatch(/^#2\/p\//);
  await host.open({ kind: 'reconfigure', config: { technology: 'sme' } });
  expect(status().config).toMatchObject({ seed: 9, technology: 'sme' });
});

it('tells of an attack what it is after, whether that was reached, and what stopped it', async () => {
  const { host } = await openedAt(severed);
  const works = await host.script();
  expect(works?.attack).toMatchObject({
    year: 2018,
    applicable: true,
    powers: ['hypervisor', 'network-input'],
    outcome: { word: 'works', check: null },
  });
  expect(works?.steps[3]?.aim).toMatchObject({ says: 'Alice sends her private key', reached: true });
  await host.open({ kind: 'reconfigure', config: { technology: 'sev-snp' } });
  const blocked = await host.script();
  expect(blocked?.attack?.outcome).toMatchObject({ word: 'blocked', check: 'RMP-GPA', step: 4 });
  expect(blocked?.steps[3]?.aim?.reached).toBe(false);
  await host.move({ to: 'script', step: 1 });
  expect((await host.script())?.attack?.outcome).toBeNull();
});

const ATTACK = `title: Mine
summary: For the test.
rows: []
machine: { technology: sev, memory: 16 MiB }
attack:
  tier: 2
  year: 2020
  paper: A paper
  powers: [hypervisor]
  hurts: Alice.
  violates: [integrity]
  victim: alice
  from: sev
  mitigations:
    - { id: named, says: Another name., extra: 'name="eve"' }
steps:
  - { title: Create, narration: A guest., do: [{ type: xl.create, config: alice.cfg, extra: memory=1 }] }
  - { title: Only there, narration: Nothing elsewhere., tech: [sev-es] }
`;
const dropped: Place = { kind: 'file', name: 'mine.yaml', bytes: new TextEncoder().encode(ATTACK) };

it('a switch is on or off, brings SEV-SNP along, and is kept with the session', async () => {
  const { host, status, link } = await openedAt(dropped);
  await host.move({ to: 'script', step: 1 });
  await host.open({ kind: 'mitigation', mitigation: 'named' });
  expect(status().guests.map(({ name }) => name)).toEqual(['eve']);
  expect(status().config.technology).toBe('sev-snp');
  expect((await host.script())?.attack?.mitigations).toMatchObject([{ id: 'named', on: true }]);
  const there = await openedAt({ kind: 'link', hash: link() });
  expect((await there.host.script())?.attack?.mitigations).toMatchObject([{ id: 'named', on: true }]);
  expect(there.status().scenario).toMatchObject({ step: 1, strayed: false });
  await host.open({ kind: 'mitigation', mitigation: null });
  expect(status().guests.map(({ name }) => name)).toEqual(['alice']);
  expect(status().config.technology).toBe('sev-snp');
  expect(await host.open({ kind: 'mitigation', mitigation: 'other' })).toMatchObject({ ok: false });
});

it('says which steps a machine does not have, and where there is nothing to attack', async () => {
  const { host } = await openedAt(dropped);
  expect((await host.script())?.steps.map(({ only }) => only)).toEqual([null, ['sev-es']]);
  await host.open({ kind: 'reconfigure', config: { technology: 'sme' } });
  expect((await host.script())?.attack?.applicable).toBe(false);
  await host.open({ kind: 'reconfigure', config: { technology: 'sev-es' } });
  const script = await host.script();
  expect(script?.steps.map(({ only }) => only)).toEqual([null, null]);
  expect(script?.attack?.applicable).toBe(true);
});

it('refuses a variant that an attack does not have', async () => {
  const host = createHost({ now: () => 0, pause: () => Promise.resolve() });
  expect(await host.open({ kind: 'link', hash: '#2/s/npt-remap-severed~sev-snp~magic/2' })).toMatchObject({
    ok: false,
    refusal: { title: 'No such mitigation' },
  });
  expect(await host.open({ kind: 'link', hash: '#2/s/npt-remap-severed~tdx/2' })).toMatchObject({
    ok: false,
  });
});
