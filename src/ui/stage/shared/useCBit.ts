import { useEngineQuery } from '../../kit/useEngineQuery';

/** Where this machine's CPUID puts the C-bit; 51, as on Zen 3 and later, until it has answered. */
export const useCBit = (): number => useEngineQuery('asids', (api) => api.asids()).value?.cBit ?? 51;
