import type { JsonObject } from '../../engine/core/json';
import type { Known, Options } from './known';
import type { Word } from './lexer';

export type Translated =
  | { readonly ok: true; readonly action: JsonObject }
  | { readonly ok: false; readonly at: number; readonly message: string };

/** A verb of the real world, whose lines become the same actions as everything else. */
export interface Translator {
  readonly name: string;
  readonly help: string;
  /** How it is said, with what that does. */
  readonly usage: readonly { readonly line: string; readonly help: string }[];
  /** @param words behind the verb. */
  readonly translate: (words: readonly Word[], line: string, known: Known) => Translated;
  /** What can stand behind the finished words; the worker keeps those that begin as what is being written. */
  readonly complete: (before: readonly string[], known: Known) => Options;
}

export const wrong = (at: number, message: string): Translated => ({ ok: false, at, message });
