import type { Rule } from '../core/fault';

/** What decides the key of one access. */
export interface KeyInputs {
  /** SYSCFG.MemEncryptionModEn. */
  readonly memEncryption: boolean;
  readonly guest: boolean;
  /** VMCB 0x90 bit 1. */
  readonly sev: boolean;
  readonly kind: 'data' | 'fetch' | 'walk' | 'nested-walk' | 'vmsa';
  /** The guest's paging mode. */
  readonly paging: 'long' | 'pae' | 'legacy' | 'off';
  /** C-bit of the host's leaf, or of the guest's leaf. */
  readonly c: boolean;
  /** C-bit of the nested leaf; for a nested walk that of the parent entry or nCR3. */
  readonly nestedC: boolean;
  /** VMCB 0x90 bit 5, virtual transparent encryption. */
  readonly vte: boolean;
  /** Virtual top of memory (SNP): off, or the GPA below or above it. */
  readonly vtom: 'off' | 'below' | 'above';
}

export interface KeyChoice {
  readonly key: 'none' | 'host' | 'guest' | 'fault';
  readonly rule: Rule;
}

const rule = (id: string, says: string, source: string): Rule => ({
  id,
  says,
  source,
  standing: 'published',
});

const KEY_RULES = {
  off: rule(
    'key.off',
    'With SYSCFG.MemEncryptionModEn = 0 no access is encrypted, whatever any C-bit says.',
    'APM vol. 2 §7.10.1',
  ),
  host: rule(
    'key.host',
    'A host access uses the host key exactly when the translation that produced its address carries C = 1.',
    'APM vol. 2 §7.10.3, §15.34.4',
  ),
  plainGuest: rule(
    'key.plain-guest',
    'Without SEV the guest’s C-bit has no meaning; the nested tables decide between no key and the host’s.',
    'APM vol. 2 §15.34.4, Table 15-30',
  ),
  fetch: rule(
    'key.fetch',
    'An SEV guest’s instruction fetches are always private: the guest key, whatever the C-bits say.',
    'APM vol. 2 §15.34.5, Table 15-31',
  ),
  walk: rule(
    'key.walk',
    'An SEV guest’s page-table walks are always private: the guest key, whatever the C-bits say.',
    'APM vol. 2 §15.34.5, Table 15-31',
  ),
  nestedWalk: rule(
    'key.nested-walk',
    'Nested tables belong to the host: the C-bit of nCR3 or of the parent nested entry decides.',
    'APM vol. 2 §15.34.4',
  ),
  vmsa: rule(
    'key.vmsa',
    'Hardware loads and stores the VMSA with the guest key; its pointer carries no C-bit.',
    'APM vol. 2 §15.35.8',
  ),
  noPaging: rule(
    'key.no-c-bit',
    'Where the guest’s tables have no C-bit (paging off, or 32-bit entries) every access of it is private.',
    'APM vol. 2 §15.34.5',
  ),
  private: rule(
    'key.private',
    'Guest C = 1: the guest key; the guest’s bit wins over the nested one.',
    'APM vol. 2 §15.34.5, Table 15-31',
  ),
  shared: rule(
    'key.shared',
    'Guest C = 0: shared; the nested C-bit decides between no key and the host’s.',
    'APM vol. 2 §15.34.5, Table 15-31',
  ),
  vte: rule(
    'key.vte',
    'Virtual transparent encryption forces C = 1 for every access of a guest without SEV-ES.',
    'APM vol. 2 §15.34.11',
  ),
  vtomPrivate: rule('key.vtom-private', 'Below VIRTUAL_TOM everything is private.', 'APM vol. 2 §15.36.8'),
  vtomShared: rule(
    'key.vtom-shared',
    'At and above VIRTUAL_TOM data is shared; the nested C-bit decides.',
    'APM vol. 2 §15.36.8',
  ),
  vtomReserved: rule(
    'key.vtom-reserved',
    'With vTOM the guest’s own C-bit must be 0: a set one is a reserved bit.',
    'APM vol. 2 §15.36.8',
  ),
} as const;

const choice = (key: KeyChoice['key'], by: Rule): KeyChoice => ({ key, rule: by });
const byNested = (nestedC: boolean, by: Rule): KeyChoice => choice(nestedC ? 'host' : 'none', by);

/** Which key an access uses: the whole truth table of APM vol. 2 Tables 15-30 and 15-31, §15.34.11 and §15.36.8. */
export function selectKey(access: KeyInputs): KeyChoice {
  const { kind } = access;
  if (!access.memEncryption) return choice('none', KEY_RULES.off);
  if (!access.guest) return choice(access.c ? 'host' : 'none', KEY_RULES.host);
  if (!access.sev) return byNested(access.nestedC, KEY_RULES.plainGuest);
  if (kind === 'nested-walk') return byNested(access.nestedC, KEY_RULES.nestedWalk);
  if (kind === 'vmsa') return choice('guest', KEY_RULES.vmsa);
  if (access.vte) return choice('guest', KEY_RULES.vte);
  if (access.vtom !== 'off' && access.c) return choice('fault', KEY_RULES.vtomReserved);
  if (kind === 'fetch') return choice('guest', KEY_RULES.fetch);
  if (kind === 'walk') return choice('guest', KEY_RULES.walk);
  if (access.paging === 'off' || access.paging === 'legacy') return choice('guest', KEY_RULES.noPaging);
  if (access.vtom === 'below') return choice('guest', KEY_RULES.vtomPrivate);
  if (access.vtom === 'above') return byNested(access.nestedC, KEY_RULES.vtomShared);
  return access.c ? choice('guest', KEY_RULES.private) : byNested(access.nestedC, KEY_RULES.shared);
}
