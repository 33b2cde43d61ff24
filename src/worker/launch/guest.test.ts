import { describe, expect, it } from 'vitest';
import { createHost } from '../engineHost';
import type { EngineApi, Place } from '../protocol';

const MIB = 2 ** 20;
const silent = (): void => {};

async function host(
  config: Record<string, unknown>,
  clock: () => number = () => 0,
): Promise<{ readonly api: EngineApi }> {
  const api = createHost({ now: clock, pause: () => Promise.resolve() });
  await api.connect(silent);
  const opened = await api.open({ kind: 'usual' } as Place);
  expect(opened.ok).toBe(true);
  const again = await api.open({ kind: 'reconfigure', config } as Place);
  expect(again).toMatchObject({ ok: true });
  await api.changeLaunch({ example: true }, silent);
  return { api };
}

const SNP = { technology: 'sev-snp', generation: 'milan', memory: 32 * MIB };

describe('what is measured for the window, launched on its machine', () => {
  it('has the digest of the film, with settings and command line as they stand', async () => {
    const { api } = await host(SNP);
    await api.changeLaunch(
      { put: { kind: 'kernel', name: 'bzImage' }, bytes: new Uint8Array(3000).fill(9) },
      silent,
    );
    const { view } = await api.changeLaunch(
      { settings: { vcpus: 2, append: 'console=hvc0 say="a \\ b"', processor: 'EPYC-Rome' } },
      silent,
    );
    expect(await api.launchOffer()).toEqual({ why: null, guest: null });
    expect(await api.launchGuest(silent)).toEqual({ ok: true, value: null });
    const { guest, why } = await api.launchOffer();
    expect(guest).toEqual({ name: 'ovmf', digest: view.film?.digest, state: 'RUNNING' });
    expect(why).toContain('already');
  });

  it('tells how far it is, and is taken back when it is cancelled', async () => {
    let time = 0;
    const { api } = await host(SNP, () => (time += 13));
    const told: number[] = [];
    const work = api.launchGuest((done) => {
      told.push(done);
      if (done > 0.5) void api.cancel();
    });
    expect(await work).toMatchObject({ ok: false });
    expect(told.length).toBeGreaterThan(10);
    expect((await api.launchOffer()).guest).toBe(null);
    expect(await api.launchGuest(silent)).toMatchObject({ ok: true });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['SEV-SNP', { technology: 'sev' }, 'no SEV-SNP'],
    ['memory', { technology: 'sev-snp', generation: 'milan', memory: 8 * MIB }, 'MiB are free'],
    ['an xl that has a word for it', { ...SNP, xen: 'branch-coco' }, 'cannot name a firmware image'],
  ])('is not offered without %s', async (_, config, why) => {
    const { api } = await host(config);
    expect((await api.launchOffer()).why).toContain(why);
    expect(await api.launchGuest(silent)).toMatchObject({ ok: false });
  });
});
