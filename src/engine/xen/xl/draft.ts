import type { OtherSettings, XlConfig } from './config';
import type { Dialect } from './dialects';
import type { Reader } from './reader';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The configuration while it is being read. */
export interface Draft extends Mutable<Omit<XlConfig, 'other'>> {
  readonly other: Mutable<OtherSettings>;
}

/** What makes xl end: its message, and the key that it is about, if there is one. */
export interface Refusal {
  readonly error: string;
  readonly key: string | null;
}

/** A part of `parse_config_data`. @returns why xl ends there, or null. */
export type Step = (draft: Draft, reader: Reader, dialect: Dialect) => Refusal | null;

/** Sets a field unless there is no value: an absent field says that the file does not set it. */
export function assign<T extends object, K extends keyof T>(
  target: T,
  field: K,
  value: T[K] | undefined,
): void {
  if (value !== undefined) target[field] = value;
}
