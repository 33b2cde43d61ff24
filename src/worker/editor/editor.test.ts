import { expect, it } from 'vitest';
import { ATTACK_IDS } from '../../scenario/attacks';
import { SCENARIO_IDS } from '../../scenario/library';
import { createHost } from '../engineHost';
import type { Draft, EngineApi, Place, Status } from '../protocol';
import { scenarioText } from './texts';

const ID = 'cold-boot';
const SILENT = () => {};

async function opened(place: Place): Promise<{ host: EngineApi; status: () => Status }> {
  let now = 0;
  const host = createHost({ now: () => now++, pause: () => Promise.resolve() });
  let status: Status | null = null;
  await host.connect((update) => {
    status = update.status;
  });
  expect((await host.open(place)).ok).toBe(true);
  return { host, status: () => status! };
}

const atStep = (step: number) => opened({ kind: 'scenario', id: ID, step });

async function draftOf(host: EngineApi, change: (text: string) => string, step: number): Promise<Draft> {
  const source = await host.source();
  if (!source) throw new Error('no source');
  return { name: source.name, text: change(source.text), from: source.builtIn, step };
}

it('knows the text of every built-in scenario', async () => {
  for (const id of [...SCENARIO_IDS, ...ATTACK_IDS]) expect(await scenarioText(id)).toMatch(/^title: /);
  expect(await scenarioText('no-such')).toBeNull();
});

it('gives the open script’s text as it was written', async () => {
  const { host } = await atStep(0);
  expect(await host.source()).toMatchObject({
    name: `${ID}.scenario.yaml`,
    builtIn: ID,
    asWritten: true,
    text: expect.stringMatching(/^title: Cold boot\n/),
  });
  const text = '# mine\ntitle: T\nsummary: S\nrows: []\nsteps:\n  - { title: A, narration: N }\n';
  await host.open({ kind: 'file', name: 'mine.yaml', bytes: new TextEncoder().encode(text) });
  expect(await host.source()).toEqual({ name: 'mine.yaml', builtIn: null, asWritten: true, text });
});

it('writes a script anew that came in a link', async () => {
  const { host, status } = await atStep(0);
  const text = '# gone\ntitle: Mine\nsummary: S\nrows: []\nsteps:\n  - { title: A, narration: N }\n';
  await host.rerun({ name: 'mine.yaml', text, from: null, step: 1 }, SILENT);
  const { link } = status();
  if (!('hash' in link)) throw new Error('too long');
  const other = await opened({ kind: 'link', hash: link.hash });
  const source = await other.host.source();
  expect(source).toMatchObject({ asWritten: false, builtIn: null });
  expect(source?.text).toMatch(/^title: Mine\n/);
  expect(other.status().scenario).toMatchObject({ step: 1, title: 'Mine' });
});

it('reruns an edited script to the same step', async () => {
  const { host, status } = await atStep(2);
  const draft = await draftOf(host, (text) => text.replace('title: Cold boot', 'title: Colder'), 2);
  const progress: number[] = [];
  expect(await host.rerun(draft, (done) => progress.push(done))).toEqual({ state: 'ran' });
  expect(status().scenario).toMatchObject({ id: draft.name, title: 'Colder', step: 2, strayed: false });
  expect(progress.length).toBeGreaterThan(0);
  expect(progress.every((done) => done >= 0 && done <= 1)).toBe(true);
  expect((await host.scriptFindings())?.findings).toEqual([]);
});

it('stands at the last step when there are fewer', async () => {
  const { host, status } = await atStep(3);
  const draft = await draftOf(host, (text) => text.slice(0, text.lastIndexOf('\n  - title')), 99);
  expect(await host.rerun(draft, SILENT)).toEqual({ state: 'ran' });
  const { steps } = (await host.scriptFindings())!;
  expect(status().scenario?.step).toBe(steps.length);
});

it('is the library’s scenario again when the text is', async () => {
  const { host, status } = await atStep(1);
  const short = status().link;
  const draft = await draftOf(host, (text) => `${text}# end\n`, 1);
  await host.rerun(draft, SILENT);
  expect(status().link).not.toEqual(short);
  await host.rerun(await draftOf(host, () => draft.text.replace('# end\n', ''), 1), SILENT);
  expect(status().scenario?.id).toBe(`${ID}.scenario.yaml`);
  await host.rerun({ ...draft, text: draft.text.replace('# end\n', ''), from: ID }, SILENT);
  expect(status().link).toEqual(short);
});

it('keeps the session when a draft cannot be read, and says where', async () => {
  const { host, status } = await atStep(1);
  const before = status();
  const draft = await draftOf(host, (text) => text.replace('technology: sme', 'technology: smee'), 1);
  const reply = await host.rerun(draft, SILENT);
  expect(reply).toMatchObject({ state: 'refused', finding: { kind: 'form', line: 4 } });
  expect(status()).toBe(before);
});

it('keeps the session when it is cancelled', async () => {
  const { host, status } = await atStep(1);
  const before = status();
  const draft = await draftOf(host, (text) => `${text}\n`, 5);
  const reply = await host.rerun(draft, () => void host.cancelRerun());
  expect(reply).toEqual({ state: 'cancelled' });
  expect(status()).toBe(before);
  expect(await host.rerun(draft, SILENT)).toEqual({ state: 'ran' });
});

it('says at which lines expectations fail and actions cannot be done', async () => {
  const { host } = await atStep(1);
  const failing = await draftOf(host, (text) => text.replace('is: repeating', 'is: varied'), 1);
  await host.rerun(failing, SILENT);
  expect((await host.scriptFindings())?.findings).toEqual([
    { kind: 'failed', line: 7, column: 5, message: expect.any(String) },
  ]);
  const stuck = { ...failing, text: failing.text.replace('gpa(bob:kernel', 'gpa(nobody:kernel'), step: 2 };
  await host.rerun(stuck, SILENT);
  const findings = (await host.scriptFindings())?.findings ?? [];
  const found = findings.find(({ kind }) => kind === 'stuck');
  expect(found?.message).toMatch(/nobody/i);
  expect(stuck.text.split('\n')[found!.line - 1]).toContain('nobody');
});

it('stays on the machine that the visitor chose, unless the draft chooses another', async () => {
  const { host, status } = await atStep(0);
  await host.open({ kind: 'reconfigure', config: { seed: 77 } });
  await host.rerun(await draftOf(host, (text) => `${text}\n`, 0), SILENT);
  expect(status().config.seed).toBe(77);
  await host.rerun(
    await draftOf(host, (text) => text.replace('memory: 16 MiB', 'seed: 5, memory: 16 MiB'), 0),
    SILENT,
  );
  expect(status().config.seed).toBe(5);
});

it('stays on the generation, and without the check, with which a side of a comparison was opened', async () => {
  const { host, status } = await atStep(0);
  await host.open({ kind: 'scenario', id: ID, step: 1, generation: 'turin', without: 'rmp.reverse-map' });
  await host.rerun(await draftOf(host, (text) => `${text}\n`, 1), SILENT);
  expect(status().config).toMatchObject({ generation: 'turin', without: 'rmp.reverse-map' });
});

it('helps in the open text', async () => {
  const { host } = await atStep(0);
  expect(
    (await host.assist('machine: { technology:  }', 23))?.suggestions.map(({ label }) => label),
  ).toContain('sev-snp');
});
