import { ENCRYPTION_MODES, type EncryptionMode } from '../../engine/core/encryption';
import { Player } from '../../history/player';
import { loadScenario, SCENARIO_IDS } from '../../scenario/library';
import { machineOf } from '../../scenario/machine';
import { atLeast, type FigureDefinition } from '../figure';
import { median, time } from '../stats';
import { cipherTime } from '../work/cipher';
import { createGuest, fileOf, loadFile, machine, SMALL } from '../work/play';
import { measureXex, xexFigure } from '../work/xex';

const MIB = 2 ** 20;

const xex = (mode: EncryptionMode): FigureDefinition => ({
  name: `aes-${mode}`,
  title: `AES engine, ${mode} ÷ its cipher alone`,
  unit: '×',
  target: mode === 'xex-linear' ? atLeast(0.9) : null,
  run: async () => xexFigure(measureXex(mode)),
});

const load: FigureDefinition = {
  name: 'load-64mib',
  title: 'Loading 64 MiB into a guest',
  unit: 's',
  target: null,
  run: async () => {
    const player = machine(2 ** 30);
    player.session.performNow(createGuest('alice', 128 * MIB));
    loadFile(player, fileOf(MIB));
    const file = fileOf(64 * MIB);
    const value = time(() => loadFile(player, file)) / 1000;
    return {
      value,
      reference: { what: 'noble’s ecb over 64 MiB', ratio: (value * 1000) / cipherTime(64 * MIB) },
      notes: [`${player.session.actions.at(-1)?.start} changes before it, ${player.session.length} after`],
    };
  },
};

const library: FigureDefinition = {
  name: 'library',
  title: 'Scenarios of the library, from power-on to the end',
  unit: 'a second',
  target: null,
  run: async () => {
    const scenarios = await Promise.all(SCENARIO_IDS.map(async (id) => (await loadScenario(id))!));
    const rounds = Array.from({ length: 5 }, () => ({
      all: time(() => {
        for (const scenario of scenarios)
          Player.start(machineOf(scenario), scenario).goToStep(scenario.steps.length);
      }),
      plain: time(() => {
        for (const _ of scenarios) machine(SMALL);
      }),
    }));
    const ms = median(rounds.map(({ all }) => all));
    const ratio = median(rounds.map(({ all, plain }) => all / plain));
    return {
      value: (scenarios.length * 1000) / ms,
      reference: { what: 'the time of powering on', ratio },
      notes: [`${scenarios.length} scenarios`],
    };
  },
};

export const ENGINE_FIGURES = [...ENCRYPTION_MODES.map(xex), load, library];
