/// <reference lib="webworker" />
import { expose, transfer } from 'comlink';
import { loadScenario } from '../../scenario/library';
import { playSides } from './play';
import type { CompareApi } from './protocol';
import { comparedScript } from './script';

const api: CompareApi = {
  script: async (id) => {
    const scenario = await loadScenario(id);
    return scenario && comparedScript(id, scenario);
  },
  play: async (id, sides, tell) => {
    const scenario = await loadScenario(id);
    if (!scenario) return;
    for (const progress of playSides(scenario, sides)) tell(transfer(progress, [progress.patch.buffer]));
  },
};
expose(api);
