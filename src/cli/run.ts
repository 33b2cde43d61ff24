import { definitionOf } from '../engine/actions';
import { machineOf } from '../scenario/machine';
import { type Command, EXIT_FAILED, EXIT_OK, EXIT_USAGE, type Output, printable, Refusal } from './command';
import { play, type StepReport } from './play';
import { type RunArgs, runArgs } from './scenarios';

/** Plays a scenario without a screen and says what each step came to. */
export const run: Command = {
  name: 'run',
  usage: 'FILE.yaml|ID [--tech off|sme|sev|sev-es|sev-snp] [--with MITIGATION] [--seed N] [--json]',
  summary:
    'Play a scenario, a file or a built-in one, and check its expectations; exit 1 when one fails. With --tech or --with (a mitigation of an attack, without --tech on SEV-SNP), those that name no technology count only on the machine that the scenario names.',
  run: (args, output) => refusing(output, () => runScenario(runArgs(args), output)),
};

/** Bad input is told in a sentence and counts as a wrong call. */
export function refusing(output: Output, body: () => number): number {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    output.error(error.message);
    return EXIT_USAGE;
  }
}

function runScenario(args: RunArgs, output: Output): number {
  if (!args.json) output.line(heading(args));
  let failed = 0;
  let elsewhere = 0;
  let steps = 0;
  for (const report of play(args)) {
    steps++;
    failed += report.failures.length;
    elsewhere += report.elsewhere.length;
    for (const line of args.json ? [JSON.stringify(report)] : told(report)) output.line(line);
  }
  const others = elsewhere > 0 ? `, ${elsewhere} expectations are for another technology` : '';
  if (!args.json) output.line(`${steps} of ${args.scenario.steps.length} steps, ${failed} failures${others}`);
  return failed > 0 ? EXIT_FAILED : EXIT_OK;
}

function heading({ name, scenario, other }: RunArgs): string {
  const { technology, generation, memory, seed } = machineOf(scenario, other);
  return printable(
    `${name}: ${scenario.title} (${technology}, ${generation}, ${memory / 2 ** 20} MiB, seed ${seed})`,
  );
}

function told({
  step,
  title,
  actions,
  outcomes,
  properties,
  predict,
  digest,
  failures,
  elsewhere,
}: StepReport): string[] {
  const deeds = actions.map((action, i) => {
    const outcome = outcomes[i];
    const end = outcome?.ok === false ? ` → ${outcome.fault.name}: ${outcome.fault.message}` : '';
    return `   ${definitionOf(action.type)?.describe(action as never) ?? action.type}${end}`;
  });
  const broken = Object.entries(properties).flatMap(([name, { because }]) =>
    because ? [`   ${name} is broken: ${because}`] : [],
  );
  const answer = predict ? [`   ${predict.ask} ${predict.answer ?? 'No answer came true.'}`] : [];
  const wrong = failures.map((failure) => `   FAILED: ${failure}`);
  const left = elsewhere.map((sentence) => `   not for this technology: ${sentence}`);
  return [`${step}. ${title}`, ...deeds, ...answer, ...broken, ...wrong, ...left, `   digest ${digest}`].map(
    printable,
  );
}
