/** A virtual address cut up as the page walker cuts it: APM vol. 2 §5.3.3 and §5.3.4. */
export interface AddressPart {
  readonly name: string;
  /** Level of the table that this part indexes, or null for the sign extension and the offset. */
  readonly level: 4 | 3 | 2 | 1 | null;
  readonly high: number;
  readonly low: number;
  readonly value: number;
}

const LEVELS: readonly { level: 4 | 3 | 2 | 1; name: string }[] = [
  { level: 4, name: 'PML4' },
  { level: 3, name: 'PDP' },
  { level: 2, name: 'PD' },
  { level: 1, name: 'PT' },
];

/** The last level that a page of this size is looked up in. */
const leafLevel = (pageSize: number): number => {
  if (pageSize >= 2 ** 30) return 3;
  return pageSize >= 2 ** 21 ? 2 : 1;
};

/** The parts from bit 63 down to bit 0; a larger page has a longer offset and fewer indices. */
export function splitVirtual(virtual: number, pageSize = 4096): AddressPart[] {
  const value = BigInt(virtual);
  const cut = (high: number, low: number): number =>
    Number((value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
  const leaf = leafLevel(pageSize);
  const indices = LEVELS.filter(({ level }) => level >= leaf).map(({ level, name }) => {
    const low = 12 + 9 * (level - 1);
    return { name, level, high: low + 8, low, value: cut(low + 8, low) };
  });
  const offsetBits = 12 + 9 * (leaf - 1);
  return [
    { name: 'sign', level: null, high: 63, low: 48, value: cut(63, 48) },
    ...indices,
    { name: 'offset', level: null, high: offsetBits - 1, low: 0, value: cut(offsetBits - 1, 0) },
  ];
}

/** The bits of one part, most significant first. */
export const partBits = (part: AddressPart): string =>
  part.value.toString(2).padStart(part.high - part.low + 1, '0');

/** Reads `0x…` or a decimal number that fits into an address; null when it is neither. */
export function parseAddress(text: string): number | null {
  const trimmed = text.trim().replaceAll('_', '');
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(trimmed)) return null;
  const value = Number(trimmed);
  return value < 2 ** 48 ? value : null;
}
