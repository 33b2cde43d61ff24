import { completeConfig } from '../../engine/config';
import { Player } from '../../history/player';
import type { Figure, FigureDefinition } from '../figure';
import { atMost } from '../figure';
import { digits, median, time } from '../stats';
import { BIG, createGuest, fileOf, loadFile, longSession, machine } from '../work/play';
import { plainRecord, Recording } from '../work/record';
import { CHANGES, measureSeek, plainSeek, seekFigure, seeks } from '../work/seek';

const ROUNDS = 7;
const SIZES = [1000, 10_000, 100_000, 1_000_000] as const;
const MB = 1e6;

const record: FigureDefinition = {
  name: 'record',
  title: 'Recording a page change',
  unit: 'µs',
  target: atMost(5),
  run: async () => {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const own = new Recording().grow(100_000);
      return { own, plain: plainRecord(100_000) };
    });
    return {
      value: median(rounds.map(({ own }) => own)),
      reference: {
        what: 'a plain loop over typed arrays',
        ratio: median(rounds.map(({ own, plain }) => own / plain)),
      },
      notes: [],
    };
  },
};

/** The value at the largest size divided by that at the smallest, with all of them as a note. */
function flatness(values: readonly number[], unit: string): Figure {
  return {
    value: (values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN),
    reference: null,
    notes: [`${SIZES.map((size, i) => `${digits(values[i] ?? Number.NaN)} ${unit} at ${size}`).join(', ')}`],
  };
}

const timeGrowth: FigureDefinition = {
  name: 'growth-time',
  title: 'Time a change at 1,000,000 changes ÷ at 1,000',
  unit: '×',
  target: atMost(1.25),
  run: async () => {
    new Recording().grow(100_000);
    const rounds = Array.from({ length: ROUNDS }, () => {
      const recording = new Recording();
      return SIZES.map((size) => {
        recording.grow(size * 0.9 - recording.journal.length);
        return recording.grow(size * 0.1);
      });
    });
    return flatness(
      SIZES.map((_, i) => median(rounds.map((round) => round[i] ?? Number.NaN))),
      'µs',
    );
  },
};

/** Bytes of the heap and of typed arrays after a collection. */
function memory(): number {
  if (!globalThis.gc) throw new Error('this figure needs --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const bytesGrowth: FigureDefinition = {
  name: 'growth-bytes',
  title: 'Bytes a change at 1,000,000 changes ÷ at 1,000',
  unit: '×',
  target: atMost(1.25),
  run: async () => {
    const recording = new Recording();
    const bytes = SIZES.map((size) => {
      while (recording.journal.length < size) recording.grow(size - recording.journal.length);
      return recording.journal.bytes / size;
    });
    const before = memory();
    recording.grow(1_000_000);
    const real = (memory() - before) / 1_000_000;
    const figure = flatness(bytes, 'bytes');
    return {
      ...figure,
      notes: [...figure.notes, `the second million cost ${digits(real)} bytes a change in the heap`],
    };
  },
};

const seek: FigureDefinition = {
  name: 'seek',
  title: 'Going anywhere in 100,000 page changes, p95',
  unit: 'ms',
  target: atMost(16),
  run: async () => {
    await measureSeek();
    return seekFigure(await measureSeek());
  },
};

const seekPlayed: FigureDefinition = {
  name: 'seek-played',
  title: 'The same in 100,000 changes of two guests at work, p95',
  unit: 'ms',
  target: atMost(16),
  run: async () => {
    const { session } = longSession(CHANGES);
    const played = await seeks(session.length, (to) => session.seek(to));
    const figure = seekFigure({ ...played, plainP95: await plainSeek(session.length) });
    return { ...figure, notes: [...figure.notes, `${session.actions.length} actions`] };
  },
};

const bigMachine: FigureDefinition = {
  name: 'memory-4gib',
  title: 'A 4 GiB machine with 1,000 touched pages',
  unit: 'MB',
  target: atMost(200),
  run: async () => {
    const before = memory();
    const player = machine(BIG);
    player.session.performNow(createGuest('alice', 8 * 2 ** 20));
    loadFile(player, fileOf(1000 * 4096));
    const all = memory();
    const { pages } = player.session.state.dram;
    const notes = [
      `of it ${digits((all - before) / MB)} MB for the machine and its history; ${pages.size} pages hold bytes`,
    ];
    return { value: all / MB, reference: null, notes };
  },
};

const boot: FigureDefinition = {
  name: 'boot-1tib',
  title: 'Powering on a machine of 1 TiB',
  unit: 'ms',
  target: null,
  run: async () => {
    for (let n = 0; n < ROUNDS; n++) machine(2 ** 24);
    const rounds = Array.from({ length: ROUNDS }, () => ({
      large: time(() => void machine(2 ** 40)),
      small: time(() => void machine(16 * 2 ** 20)),
    }));
    const value = median(rounds.map(({ large }) => large));
    const ratio = value / median(rounds.map(({ small }) => small));
    return { value, reference: { what: 'a machine of 16 MiB', ratio }, notes: [] };
  },
};

const snpMachine = (memory: number): Player =>
  Player.start(completeConfig({ memory, technology: 'sev-snp', generation: 'genoa' }));

const snpBoot: FigureDefinition = {
  name: 'snp-boot-1tib',
  title: 'Powering on a machine of 1 TiB with SEV-SNP, 4 GiB of it its RMP',
  unit: 'ms',
  target: atMost(2000),
  run: async () => {
    for (let n = 0; n < ROUNDS; n++) snpMachine(2 ** 24);
    const large = Array.from({ length: 3 }, () => time(() => void snpMachine(2 ** 40)));
    const small = Array.from({ length: ROUNDS }, () => time(() => void snpMachine(16 * 2 ** 20)));
    const value = median(large);
    const reference = { what: 'a machine of 16 MiB', ratio: value / median(small) };
    return { value, reference, notes: [] };
  },
};

export const HISTORY_FIGURES = [record, timeGrowth, bytesGrowth, seek, seekPlayed, bigMachine, boot, snpBoot];
