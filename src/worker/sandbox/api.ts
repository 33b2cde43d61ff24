import { LEVELS, SANDBOX_LEVELS } from '../../lab/sandbox/levels';
import { solutionOf } from '../../lab/sandbox/solution';
import type { Opened } from '../opener';
import type { SandboxApi } from '../sandboxProtocol';
import { gameView } from './view';

/** The part of the worker that is about the game against Alice. */
export function createSandbox(current: () => Opened): SandboxApi {
  return {
    levels: async () =>
      SANDBOX_LEVELS.map((level) => {
        const { title, says } = LEVELS[level];
        return { level, title, says };
      }),

    game: async (role) => gameView(current().player, role),

    solution: async (role) => {
      const scenario = solutionOf(current().player, role);
      if (!scenario) return null;
      const { stringify } = await import('yaml');
      return stringify(scenario, { lineWidth: 110, collectionStyle: 'any', aliasDuplicateObjects: false });
    },
  };
}
