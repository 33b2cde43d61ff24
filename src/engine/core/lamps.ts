/** The properties that have a lamp. */
export const LAMP_NAMES = [
  'confidentiality',
  'integrity',
  'freshness',
  'controlflow',
  'availability',
] as const;
export type LampName = (typeof LAMP_NAMES)[number];

/** Of these the technologies promise something; availability is only shown. */
export const PROMISED = [
  'confidentiality',
  'integrity',
  'freshness',
  'controlflow',
] as const satisfies readonly LampName[];
