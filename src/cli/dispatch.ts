import { actions } from './actions';
import { asp } from './asp';
import { attacks } from './attacks';
import { check } from './check';
import { type Command, EXIT_OK, EXIT_USAGE, type Output, printable, UsageError } from './command';
import { digest } from './digest';
import { measure } from './measure';
import { rows } from './rows';
import { run } from './run';
import { xl } from './xl/xl';

const COMMANDS: readonly Command[] = [run, check, asp, measure, xl, rows, attacks, actions, digest];

const usageOf = (command: Command): string => `npm run -s cli -- ${command.name} ${command.usage}`.trimEnd();

function help(): string[] {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  return [
    'usage: npm run -s cli -- COMMAND [ARGUMENT…]',
    '',
    ...COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'COMMAND --help shows the arguments of one command.',
  ];
}

/** `--help` anywhere before a `--`, after which everything is an operand. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}

const isWrongCall = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

/** Runs the subcommand that the arguments name. @returns the exit code. */
export function dispatch(args: readonly string[], output: Output): number {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h') {
    for (const line of help()) output.line(line);
    return EXIT_OK;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) {
    const known = COMMANDS.map((candidate) => candidate.name).join(', ');
    const problem =
      name === undefined ? 'No command was given' : `There is no command or option "${printable(name)}"`;
    output.error(`${problem}. Commands: ${known}; --help explains them.`);
    return EXIT_USAGE;
  }
  if (asksForHelp(rest)) {
    output.line(`usage: ${usageOf(command)}`);
    output.line(command.summary);
    return EXIT_OK;
  }
  try {
    return command.run(rest, output);
  } catch (error) {
    if (!isWrongCall(error)) throw error;
    output.error(`${command.name}: ${printable(error.message)}`);
    output.error(`usage: ${usageOf(command)}`);
    return EXIT_USAGE;
  }
}
