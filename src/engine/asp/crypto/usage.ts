/** What a certificate's key is for (AMD-ASPFW sev_cert.h). */
export const USAGE = {
  ARK: 0x00,
  ASK: 0x13,
  NONE: 0x1000,
  OCA: 0x1001,
  PEK: 0x1002,
  PDH: 0x1003,
  CEK: 0x1004,
} as const;

export type UsageName = keyof typeof USAGE;

/** Algorithms of keys and signatures (AMD-ASPFW sev_cert.h). */
export const ALGO = {
  NONE: 0,
  'RSA-SHA256': 0x001,
  'ECDSA-SHA256': 0x002,
  'ECDH-SHA256': 0x003,
  'RSA-SHA384': 0x101,
  'ECDSA-SHA384': 0x102,
  'ECDH-SHA384': 0x103,
} as const;

export type AlgoName = keyof typeof ALGO;

const nameIn = <N extends string>(table: Readonly<Record<N, number>>, value: number): N | null =>
  (Object.keys(table) as N[]).find((name) => table[name] === value) ?? null;

/** `PEK` for 0x1002; null for a number that the table does not have. */
export const usageName = (usage: number): UsageName | null => nameIn(USAGE, usage);
export const algoName = (algo: number): AlgoName | null => nameIn(ALGO, algo);

const ECC: readonly number[] = [
  ALGO['ECDSA-SHA256'],
  ALGO['ECDSA-SHA384'],
  ALGO['ECDH-SHA256'],
  ALGO['ECDH-SHA384'],
];

/** Is the key of that algorithm a point of a curve? The others are RSA keys. */
export const isEcc = (algo: number): boolean => ECC.includes(algo);
export const isRsa = (algo: number): boolean => algo === ALGO['RSA-SHA256'] || algo === ALGO['RSA-SHA384'];
export const isEcdsa = (algo: number): boolean =>
  algo === ALGO['ECDSA-SHA256'] || algo === ALGO['ECDSA-SHA384'];

/** The hash that goes with an algorithm: numbers from 0x100 on mean SHA-384. */
export const hashOf = (algo: number): 'sha256' | 'sha384' => (algo >= 0x100 ? 'sha384' : 'sha256');
