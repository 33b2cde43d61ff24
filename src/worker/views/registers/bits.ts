import type { AnyRegister } from './vcpu';

/** Names of single bits (APM vol. 2 §3.1.1, §3.1.3, §3.1.6, §3.1.7). */
const NAMES: Partial<Record<AnyRegister, Readonly<Record<number, string>>>> = {
  rflags: {
    0: 'CF',
    2: 'PF',
    4: 'AF',
    6: 'ZF',
    7: 'SF',
    8: 'TF',
    9: 'IF',
    10: 'DF',
    11: 'OF',
  },
  cr0: { 0: 'PE', 1: 'MP', 2: 'EM', 3: 'TS', 4: 'ET', 5: 'NE', 16: 'WP', 29: 'NW', 30: 'CD', 31: 'PG' },
  cr4: { 4: 'PSE', 5: 'PAE', 7: 'PGE', 9: 'OSFXSR', 18: 'OSXSAVE' },
  efer: { 0: 'SCE', 8: 'LME', 10: 'LMA', 11: 'NXE', 12: 'SVME' },
  xcr0: { 0: 'x87', 1: 'SSE', 2: 'AVX' },
};

/** The set bits of a register by their names, or null where they have none. */
export function bitsOf(name: AnyRegister, value: bigint): string | null {
  const set = Object.entries(NAMES[name] ?? {})
    .filter(([bit]) => ((value >> BigInt(bit)) & 1n) === 1n)
    .map(([, word]) => word);
  return set.length > 0 ? set.join(' ') : null;
}
