/** One line of a CPUID page: what a guest will be told for one leaf, as it was asked with one XCR0 and IA32_XSS. */
export interface CpuidEntry {
  readonly leaf: number;
  readonly subleaf: number;
  readonly xcr0: bigint;
  readonly xss: bigint;
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
  readonly reserved: bigint;
}

export const CPUID_REGISTERS = ['eax', 'ebx', 'ecx', 'edx'] as const;
export type CpuidRegister = (typeof CPUID_REGISTERS)[number];

/** What the firmware lets stand in one register of one leaf. */
export interface RegisterPolicy {
  /** In words, after “must be”. */
  readonly says: string;
  /**
   * The value that the firmware leaves there; the value itself when it lets it stand.
   * @param processor CPUID Fn0000_0001_EAX of the processor it runs on.
   */
  readonly left: (value: number, entry: CpuidEntry, processor: number) => number;
}

/** The bits that a text like `0-3 9 12-13` names. */
const mask = (text: string): number =>
  text
    .split(' ')
    .filter((range) => range !== '')
    .map((range) => range.split('-').map(Number))
    .reduce((all, [first = 0, last = first]) => all + 2 ** (last + 1) - 2 ** first, 0);

const and = (a: number, b: number): number => (a & b) >>> 0;
const hex = (value: number): string => `0x${value.toString(16)}`;

export const anything: RegisterPolicy = { says: 'anything', left: (value) => value };

/** Other bits than these have to be 0. */
export const only = (bits: string): RegisterPolicy => ({
  says: `zero but for bits ${bits}`,
  left: (value) => and(value, mask(bits)),
});

export const exactly = (value: number): RegisterPolicy => ({ says: hex(value), left: () => value });

export const atMost = (limit: number): RegisterPolicy => ({
  says: `at most ${hex(limit)}`,
  left: (value) => Math.min(value, limit),
});

/** The number in bits `first` to `last` may not be larger. */
export const fieldAtMost = (first: number, last: number, limit: number): RegisterPolicy => ({
  says: `at most ${hex(limit)} in bits ${first}-${last}`,
  left: (value) => {
    const field = mask(`${first}-${last}`);
    const over = and(value, field) / 2 ** first > limit;
    return over ? value - and(value, field) + limit * 2 ** first : value;
  },
});

/** The number in bits `first` to `last` has to be this one. */
export const fieldExactly = (first: number, last: number, wanted: number): RegisterPolicy => ({
  says: `${hex(wanted)} in bits ${first}-${last}`,
  left: (value) => value - and(value, mask(`${first}-${last}`)) + wanted * 2 ** first,
});

/** One after the other. */
export const all = (...policies: readonly RegisterPolicy[]): RegisterPolicy => ({
  says: policies.map(({ says }) => says).join(', and '),
  left: (value, entry, processor) =>
    policies.reduce((so, policy) => policy.left(so, entry, processor), value),
});
