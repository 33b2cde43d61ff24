import type { Load } from './load';

/** The attacks of the literature as scenarios, in the order in which they are compared. Id: the file's name, and the name in the literature’s table. */
export const ATTACK_LOADERS = {
  'cold-boot-dram': () => import('./attacks/cold-boot-dram.scenario.yaml'),
  'register-snoop-vmcb': () => import('./attacks/register-snoop-vmcb.scenario.yaml'),
  'wesee-vc-injection': () => import('./attacks/wesee-vc-injection.scenario.yaml'),
  'heckler-int80': () => import('./attacks/heckler-int80.scenario.yaml'),
  'npt-remap-severed': () => import('./attacks/npt-remap-severed.scenario.yaml'),
  'ciphertext-replay': () => import('./attacks/ciphertext-replay.scenario.yaml'),
  'ciphertext-block-swap': () => import('./attacks/ciphertext-block-swap.scenario.yaml'),
  'gpa-double-map': () => import('./attacks/gpa-double-map.scenario.yaml'),
  'severed-secrets-2019': () => import('./attacks/severed-secrets-2019.scenario.yaml'),
  'malicious-dma': () => import('./attacks/malicious-dma.scenario.yaml'),
  'heracles-page-move': () => import('./attacks/heracles-page-move.scenario.yaml'),
  'xex-block-move-sevurity': () => import('./attacks/xex-block-move-sevurity.scenario.yaml'),
  'du-xe-chosen-plaintext': () => import('./attacks/du-xe-chosen-plaintext.scenario.yaml'),
  'unprotected-io-oracle': () => import('./attacks/unprotected-io-oracle.scenario.yaml'),
  'ciphertext-side-channel': () => import('./attacks/ciphertext-side-channel.scenario.yaml'),
  'cipherleaks-vmsa': () => import('./attacks/cipherleaks-vmsa.scenario.yaml'),
  'debug-policy-abuse': () => import('./attacks/debug-policy-abuse.scenario.yaml'),
  'stale-asid-no-df-flush': () => import('./attacks/stale-asid-no-df-flush.scenario.yaml'),
  'rmp-cheat-matrix': () => import('./attacks/rmp-cheat-matrix.scenario.yaml'),
  'interface-lies': () => import('./attacks/interface-lies.scenario.yaml'),
  'launch-permutation-undeserved': () => import('./attacks/launch-permutation-undeserved.scenario.yaml'),
  'sev-step-single-step': () => import('./attacks/sev-step-single-step.scenario.yaml'),
  'severity-code-injection': () => import('./attacks/severity-code-injection.scenario.yaml'),
  'stale-tlb-no-flush': () => import('./attacks/stale-tlb-no-flush.scenario.yaml'),
  'snp-stale-cacheline': () => import('./attacks/snp-stale-cacheline.scenario.yaml'),
  'cachewarp-invd': () => import('./attacks/cachewarp-invd.scenario.yaml'),
  'skipped-wbinvd': () => import('./attacks/skipped-wbinvd.scenario.yaml'),
  'badram-alias': () => import('./attacks/badram-alias.scenario.yaml'),
  'battering-ram-interposer': () => import('./attacks/battering-ram-interposer.scenario.yaml'),
  'rmpocalypse-init-race': () => import('./attacks/rmpocalypse-init-race.scenario.yaml'),
  'crossline-asid': () => import('./attacks/crossline-asid.scenario.yaml'),
  'fabricked-df-routing': () => import('./attacks/fabricked-df-routing.scenario.yaml'),
} as const satisfies Record<string, Load>;

export const ATTACK_IDS: readonly string[] = Object.keys(ATTACK_LOADERS);
