import { atLeast, type FigureDefinition } from '../figure';
import { median, time } from '../stats';
import { createGuest, done, machine, SMALL } from '../work/play';

const MIB = 2 ** 20;
const ROUNDS = 7;
const CYCLES = 20;

/** xl create and xl destroy of an encrypted guest of 1 MiB, through every layer down to the firmware and back. */
const cycle: FigureDefinition = {
  name: 'create-destroy',
  title: 'xl create and xl destroy of a small encrypted guest',
  unit: 'a second',
  target: atLeast(200),
  run: async () => {
    const player = machine(SMALL);
    const turn = () => {
      done(player, createGuest('alice', MIB));
      done(player, { type: 'xl.destroy', guest: 'alice' });
    };
    for (let i = 0; i < CYCLES; i++) turn();
    const rounds = Array.from({ length: ROUNDS }, () =>
      time(() => {
        for (let i = 0; i < CYCLES; i++) turn();
      }),
    );
    const plain = median(
      Array.from({ length: ROUNDS }, () =>
        time(() => {
          for (let i = 0; i < CYCLES; i++) machine(SMALL);
        }),
      ),
    );
    const ms = median(rounds);
    const changes = (player.session.length - player.session.bootEnd) / player.session.actions.length;
    return {
      value: (CYCLES * 1000) / ms,
      reference: { what: 'powering a machine on', ratio: ms / plain },
      notes: [`${Math.round(changes)} changes an action`],
    };
  },
};

export const XEN_FIGURES = [cycle];
