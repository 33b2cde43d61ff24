import type { Actor } from './actor';
import type { Json, JsonObject } from './json';

/** How a field of an action is entered: the form, the console and the command line all read this. */
export interface FieldInfo {
  readonly name: string;
  /**
   * `address`: a number shown in hexadecimal; `data`: text, or bytes as `hex:…`; `blob`: a dropped file; `config`: the name
   * of a configuration file of Domain-0; `lines`: a text of many lines; `value`: up to 64 bits in hexadecimal.
   */
  readonly kind:
    | 'address'
    | 'number'
    | 'boolean'
    | 'choice'
    | 'guest'
    | 'core'
    | 'data'
    | 'text'
    | 'blob'
    | 'config'
    | 'lines'
    | 'value';
  readonly help: string;
  readonly optional: boolean;
  readonly choices: readonly (string | number)[];
  readonly min?: number;
  readonly max?: number;
}

/** One thing that an actor can do, as data: palette, form, console, schema and help all come from this one list. */
export interface ActionInfo {
  readonly type: string;
  readonly actor: Actor;
  readonly title: string;
  readonly help: string;
  readonly fields: readonly FieldInfo[];
}

/** The same at this moment: whether it is possible, why not, and sensible values. */
export interface ActionOffer {
  readonly type: string;
  readonly impossible: { readonly why: string; readonly rule: string; readonly source: string } | null;
  readonly suggested: JsonObject;
}

/** An action that has been performed. */
export interface PerformedSummary {
  readonly index: number;
  readonly action: JsonObject & { readonly type: string };
  readonly actor: Actor;
  /** Who exactly, for colour: `alice`, `xen`, `probe`… */
  readonly who: string;
  /** One line: `Alice writes 12 bytes at 0x7f0000004000`. */
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly fault: string | null;
  readonly result: Json;
}
