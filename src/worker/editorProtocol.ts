import type { Assistance } from '../scenario/assist/suggest';
import type { StepPlace } from '../scenario/stepPlaces';

export type { Assistance, Suggestion } from '../scenario/assist/suggest';
export type { StepPlace } from '../scenario/stepPlaces';

/** The text of the open scenario. */
export interface ScenarioSource {
  /** The name of its file. */
  readonly name: string;
  /** The built-in scenario that it is, if it is one. */
  readonly builtIn: string | null;
  readonly text: string;
  /** False when only its data were kept: the text was written from them, without comments. */
  readonly asWritten: boolean;
}

/** A scenario as it stands in the editor. */
export interface Draft {
  readonly name: string;
  readonly text: string;
  /** The built-in scenario that it was made from. */
  readonly from: string | null;
  /** Where the run should stand: at the end of this step, or of the nearest that there is. */
  readonly step: number;
}

/** Something that is wrong with a scenario, at its place in the text. Lines and columns count from 1. */
export interface Finding {
  readonly line: number;
  readonly column: number;
  /** `form`: it cannot be read. `stuck`: an action cannot be done. `failed`: an expectation does not hold. */
  readonly kind: 'form' | 'stuck' | 'failed';
  readonly message: string;
}

/** What became of a draft. Only when it ran is it the open session; otherwise the one before still is. */
export type Rerun =
  | { readonly state: 'refused'; readonly finding: Finding }
  | { readonly state: 'cancelled' }
  | { readonly state: 'busy' }
  | { readonly state: 'ran' };

/** How the script that is followed fares so far, with the places of its steps in the text that it was read from. */
export interface ScriptFindings {
  readonly findings: readonly Finding[];
  readonly steps: readonly StepPlace[];
}

/** The editor’s part of the worker’s interface. */
export interface EditorApi {
  source(): Promise<ScenarioSource | null>;
  /** The text of a built-in scenario. */
  builtInText(id: string): Promise<string | null>;
  /** What may be written at an offset of a scenario’s text; null where nothing can be said. */
  assist(text: string, offset: number): Promise<Assistance | null>;
  /** Runs a draft, telling what part is done (0 … 1), and opens it in place of the session. `cancelRerun` ends the work. */
  rerun(draft: Draft, onProgress: (done: number, what: string) => void): Promise<Rerun>;
  cancelRerun(): Promise<void>;
  /** Null when the text that the script was read from is not kept. */
  scriptFindings(): Promise<ScriptFindings | null>;
}
