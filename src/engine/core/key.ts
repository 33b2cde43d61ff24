/**
 * Which key a memory access uses, as the memory controller is told: no key, the host's (ASID 0) or that of a guest
 * (its ASID). APM vol. 2 §15.34.2: the ASID is the key selector, ASID 0 is the hypervisor.
 */
export type KeySelector = number;

export const NO_KEY: KeySelector = -1;
export const HOST_KEY: KeySelector = 0;

/** A slot that no ASID selects, for what the secure processor alone may read (modelled: which one is not published). */
export const FIRMWARE_KEY: KeySelector = 1007;

export const keyName = (key: KeySelector): string => {
  if (key === NO_KEY) return 'no key';
  if (key === FIRMWARE_KEY) return 'firmware’s key';
  return key === HOST_KEY ? 'host key' : `key of ASID ${key}`;
};
