import type { Load } from './load';
import type { Scenario } from './schema';

/** The built-in scenarios in the order in which they are offered; the first one opens by itself. Id: the file's name. */
const LOADERS = {
  'three-eyes': () => import('./library/three-eyes.scenario.yaml'),
  'cold-boot': () => import('./library/cold-boot.scenario.yaml'),
  'one-write': () => import('./library/one-write.scenario.yaml'),
  'c-bit': () => import('./library/c-bit.scenario.yaml'),
  'forgotten-flush': () => import('./library/forgotten-flush.scenario.yaml'),
  'coherent-caches': () => import('./library/coherent-caches.scenario.yaml'),
  'full-sme': () => import('./library/full-sme.scenario.yaml'),
  'partial-sme': () => import('./library/partial-sme.scenario.yaml'),
  tsme: () => import('./library/tsme.scenario.yaml'),
  'keys-at-reset': () => import('./library/keys-at-reset.scenario.yaml'),
  'vmrun-sev-bit': () => import('./library/vmrun-sev-bit.scenario.yaml'),
  'who-reads-whom': () => import('./library/who-reads-whom.scenario.yaml'),
  'asid-tags': () => import('./library/asid-tags.scenario.yaml'),
  'three-keys': () => import('./library/three-keys.scenario.yaml'),
  'shared-or-private': () => import('./library/shared-or-private.scenario.yaml'),
  'code-and-tables': () => import('./library/code-and-tables.scenario.yaml'),
  'share-and-take-back': () => import('./library/share-and-take-back.scenario.yaml'),
  'share-without-flush': () => import('./library/share-without-flush.scenario.yaml'),
  'dma-three-ways': () => import('./library/dma-three-ways.scenario.yaml'),
  'pv-driver': () => import('./library/pv-driver.scenario.yaml'),
  'asid-space': () => import('./library/asid-space.scenario.yaml'),
  'platform-lifecycle': () => import('./library/platform-lifecycle.scenario.yaml'),
  'guest-lifecycle': () => import('./library/guest-lifecycle.scenario.yaml'),
  'xl-create': () => import('./library/xl-create.scenario.yaml'),
  'measure-first': () => import('./library/measure-first.scenario.yaml'),
  'skipped-flush': () => import('./library/skipped-flush.scenario.yaml'),
  'todays-allocator': () => import('./library/todays-allocator.scenario.yaml'),
  'fixed-allocator': () => import('./library/fixed-allocator.scenario.yaml'),
  'upstream-today': () => import('./library/upstream-today.scenario.yaml'),
  'what-enabling-takes': () => import('./library/what-enabling-takes.scenario.yaml'),
  'live-migration': () => import('./library/live-migration.scenario.yaml'),
  'registers-in-the-open': () => import('./library/registers-in-the-open.scenario.yaml'),
  'sealed-vmsa': () => import('./library/sealed-vmsa.scenario.yaml'),
  'one-cpuid': () => import('./library/one-cpuid.scenario.yaml'),
  'what-the-guest-shares': () => import('./library/what-the-guest-shares.scenario.yaml'),
  'lying-hypervisor': () => import('./library/lying-hypervisor.scenario.yaml'),
  'altered-vmsa': () => import('./library/altered-vmsa.scenario.yaml'),
  'mmio-without-emulation': () => import('./library/mmio-without-emulation.scenario.yaml'),
  'ap-start': () => import('./library/ap-start.scenario.yaml'),
  'life-of-a-page': () => import('./library/life-of-a-page.scenario.yaml'),
  'stopped-by-the-rmp': () => import('./library/stopped-by-the-rmp.scenario.yaml'),
  'page-state-change': () => import('./library/page-state-change.scenario.yaml'),
  'accepted-once': () => import('./library/accepted-once.scenario.yaml'),
  'size-games': () => import('./library/size-games.scenario.yaml'),
  'lazy-acceptance': () => import('./library/lazy-acceptance.scenario.yaml'),
  'cpuid-page': () => import('./library/cpuid-page.scenario.yaml'),
  'measured-launch': () => import('./library/measured-launch.scenario.yaml'),
  svsm: () => import('./library/svsm.scenario.yaml'),
  'without-a-tweak': () => import('./library/without-a-tweak.scenario.yaml'),
  'with-a-tweak': () => import('./library/with-a-tweak.scenario.yaml'),
  'generation-naples': () => import('./library/generation-naples.scenario.yaml'),
  'generation-milan': () => import('./library/generation-milan.scenario.yaml'),
  'generation-turin': () => import('./library/generation-turin.scenario.yaml'),
} as const satisfies Record<string, Load>;

export const SCENARIO_IDS: readonly string[] = Object.keys(LOADERS);

/** A built-in scenario, or null when there is none of that name. `library.test.ts` has checked its form. */
export async function loadScenario(id: string): Promise<Scenario | null> {
  const loaders: Readonly<Record<string, Load>> = Object.hasOwn(LOADERS, id)
    ? LOADERS
    : (await import('./attacks')).ATTACK_LOADERS;
  const load = Object.hasOwn(loaders, id) ? loaders[id] : undefined;
  return load ? ((await load()).default as Scenario) : null;
}
