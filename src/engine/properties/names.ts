/** The properties that have a lamp. */
export const LAMP_NAMES = ['confidentiality', 'integrity'] as const;
export type LampName = (typeof LAMP_NAMES)[number];
