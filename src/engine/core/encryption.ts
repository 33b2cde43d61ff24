/** How the controller turns an address and a key into ciphertext; definitions in `memory/aes.ts`. */
export const ENCRYPTION_MODES = ['xex-linear', 'xe-linear', 'xex-k2', 'xts-page', 'ecb'] as const;
export type EncryptionMode = (typeof ENCRYPTION_MODES)[number];
