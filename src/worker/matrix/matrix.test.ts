import { expect, it } from 'vitest';
import { loadScenario } from '../../scenario/library';
import { createMatrix } from './compute';
import { type Kept, readKept } from './kept';
import type { MatrixCell, Progress } from './protocol';

const IDS = ['cold-boot-dram', 'ciphertext-replay'];

function storage(): Kept & {
  stored: { digest: string; cells: readonly MatrixCell[] } | null;
  writes: number;
} {
  return {
    stored: null,
    writes: 0,
    async read(digest) {
      return readKept(this.stored, digest);
    },
    async write(digest, cells) {
      this.stored = structuredClone({ digest, cells });
      this.writes++;
    },
  };
}

async function computed(kept: Kept, build = 'a'): Promise<Progress[]> {
  const told: Progress[] = [];
  await createMatrix({ ids: IDS, load: loadScenario, build, kept }).compute((progress) =>
    told.push(progress),
  );
  return told;
}

it('plays each attack on each machine, tells a cell at a time, and plays nothing twice', async () => {
  const kept = storage();
  const told = await computed(kept);
  const cells = told.flatMap((each) => each.cells);
  expect(told.flatMap(({ broken }) => broken)).toEqual([]);
  expect(told.at(-1)).toMatchObject({ done: cells.length, total: cells.length });
  expect(
    cells
      .filter(({ attack }) => attack === 'ciphertext-replay')
      .map(({ column, outcome }) => [column, outcome]),
  ).toEqual([
    ['SME', 'works'],
    ['SEV', 'works'],
    ['SEV-ES', 'works'],
    ['SEV-SNP', 'blocked'],
  ]);
  expect(kept.writes).toBe(IDS.length);

  const again = await computed(kept);
  expect(again).toHaveLength(1);
  expect(again[0]).toMatchObject({ cells, done: cells.length });
  expect(kept.writes).toBe(IDS.length);
});

it('goes on where it was stopped', async () => {
  const kept = storage();
  await computed(kept);
  const { stored } = kept;
  kept.stored = stored && { ...stored, cells: stored.cells.slice(0, 3) };
  const told = await computed(kept);
  expect(told[0]?.cells).toHaveLength(3);
  expect(told).toHaveLength(1 + (stored?.cells.length ?? 0) - 3);
});

it('takes nothing of another build, and nothing that has another form', async () => {
  const kept = storage();
  await computed(kept);
  expect((await computed(kept, 'b'))[0]?.cells).toEqual([]);
  const { stored } = kept;
  const digest = stored?.digest ?? '';
  const [first] = stored?.cells ?? [];
  expect(readKept(stored, digest).length).toBeGreaterThan(0);
  for (const wrong of [
    null,
    [],
    'x',
    { digest },
    { digest, cells: [{ ...first, outcome: '<b>' }] },
    { digest, cells: [{ ...first, more: 1 }] },
    { digest, cells: new Array(2001).fill(first) },
  ])
    expect(readKept(wrong, digest)).toEqual([]);
});

it('tells of an attack that cannot be played, and goes on with the next', async () => {
  const load = async (id: string) => {
    const scenario = await loadScenario(id);
    if (!scenario || id !== IDS[0]) return scenario;
    const [first, ...rest] = scenario.steps;
    return {
      ...scenario,
      steps: [
        { ...first!, do: [{ type: 'guest.read', guest: 'nobody', at: 'nobody:x', length: 1 }] },
        ...rest,
      ],
    };
  };
  const told: Progress[] = [];
  await createMatrix({ ids: IDS, load, build: '', kept: storage() }).compute((progress) =>
    told.push(progress),
  );
  expect(told.flatMap(({ broken }) => broken)[0]).toMatchObject({
    attack: IDS[0],
    why: expect.stringContaining('nobody'),
  });
  expect(told.flatMap(({ cells }) => cells).every(({ attack }) => attack === IDS[1])).toBe(true);
});
