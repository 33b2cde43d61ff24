import { Player } from '../history/player';
import { machineOf } from '../scenario/machine';
import { type Command, EXIT_FAILED, EXIT_OK, printable } from './command';
import { refusing } from './run';
import { runArgs } from './scenarios';

/** Prints the digest of the state in which a scenario ends. */
export const digest: Command = {
  name: 'digest',
  usage: 'FILE.yaml|ID [--tech off|sme|sev|sev-es|sev-snp] [--with MITIGATION] [--seed N]',
  summary: 'Play a scenario and print the SHA-256 of everything that the machine holds at its end.',
  run: (args, output) =>
    refusing(output, () => {
      const { name, scenario, other } = runArgs(args);
      const player = Player.start(machineOf(scenario, other), scenario, { mitigation: other.mitigation });
      const played = player.goToStep(scenario.steps.length);
      if (played.ok) output.line(player.session.digest());
      else output.error(printable(`${name}: ${played.message}`));
      return played.ok ? EXIT_OK : EXIT_FAILED;
    }),
};
