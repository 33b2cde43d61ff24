/** What vendors repaired, and switches of the platform, in the order in which configurations name them; told in `fixes.ts`. */
export const FIX_NAMES = [
  'ciphertext-hiding',
  'page-swap-policy',
  'alias-check',
  'microcode-invd',
  'fw-sb3020',
  'fw-sb3034',
  'incoherent-caches',
  'coherency-sfw',
  'microcode-stack-engine',
  'firmware-rollback',
] as const;
export type FixName = (typeof FIX_NAMES)[number];
