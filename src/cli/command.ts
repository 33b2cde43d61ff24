/** Where a command writes: results to one side, refusals and usage errors to the other, line by line. */
export interface Output {
  line(text: string): void;
  error(text: string): void;
}

/** Exit codes of every command. */
export const EXIT_OK = 0;
/** It ran, and the answer is no; or an input was refused. */
export const EXIT_FAILED = 1;
/** It was called wrongly. */
export const EXIT_USAGE = 2;

/** One subcommand of the headless program. */
export interface Command {
  readonly name: string;
  /** Arguments and options, as `--help` shows them after the name. */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  /** @returns the exit code. @throws UsageError, or the error of `node:util` parseArgs, when it was called wrongly. */
  run(args: readonly string[], output: Output): number;
}

/** A wrong call; the message is a plain sentence. */
export class UsageError extends Error {}

/** A refused input; the message is a plain sentence that starts with the input's name. */
export class Refusal extends Error {}

/** Text from outside, safe to print: control characters, which could steer a terminal, become `\uXXXX`. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
