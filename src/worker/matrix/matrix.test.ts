import { expect, it } from 'vitest';
import { loadScenario } from '../../scenario/library';
import { createMatrix } from './compute';
import { type Kept, readKept } from './kept';
import type { MatrixCell, Told } from './protocol';

const ID = 'ciphertext-replay';

interface Shelf extends Kept {
  stored: { digest: string; cells: readonly MatrixCell[] } | null;
  writes: number;
}

const shelf = (): Shelf => ({
  stored: null,
  writes: 0,
  async read(attack, digest) {
    return readKept(this.stored, attack, digest);
  },
  async write(_, digest, cells) {
    this.stored = structuredClone({ digest, cells });
    this.writes++;
  },
});

async function computed(kept: Kept, { build = 'a', load = loadScenario } = {}): Promise<(readonly Told[])[]> {
  const told: (readonly Told[])[] = [];
  await createMatrix({ load, build, kept }).compute(ID, (cells) => told.push(cells));
  return told;
}

it('plays an attack on each machine, tells a cell at a time, and plays nothing twice', async () => {
  const kept = shelf();
  const told = await computed(kept);
  expect(told.map((cells) => cells.map((cell) => [cell.column, 'outcome' in cell && cell.outcome]))).toEqual([
    [['SME', 'works']],
    [['SEV', 'works']],
    [['SEV-ES', 'works']],
    [['SEV-SNP', 'blocked']],
  ]);
  expect(kept.writes).toBe(1);
  expect(await computed(kept)).toEqual([told.flat()]);
  expect(kept.writes).toBe(1);
});

it('plays what is missing', async () => {
  const kept = shelf();
  const told = await computed(kept);
  kept.stored = kept.stored && { ...kept.stored, cells: kept.stored.cells.slice(0, 3) };
  expect(await computed(kept)).toEqual([told.flat().slice(0, 3), told[3]]);
});

it('takes nothing of another build, and nothing that has another form', async () => {
  const kept = shelf();
  await computed(kept);
  const { stored } = kept;
  const digest = stored?.digest ?? '';
  const [first] = stored?.cells ?? [];
  expect(readKept(stored, ID, digest)).toHaveLength(4);
  for (const wrong of [
    null,
    [],
    'x',
    { digest },
    { digest, cells: [{ ...first, attack: 'another' }] },
    { digest, cells: [{ ...first, outcome: '<b>' }] },
    { digest, cells: [{ ...first, more: 1 }] },
    { digest, cells: new Array(17).fill(first) },
  ])
    expect(readKept(wrong, ID, digest)).toEqual([]);
  expect(await computed(kept, { build: 'b' })).toHaveLength(4);
});

it('tells of machines on which an attack cannot be played', async () => {
  const load = async (id: string) => {
    const scenario = await loadScenario(id);
    const [first, ...rest] = scenario?.steps ?? [];
    const lost = { type: 'guest.read', guest: 'nobody', at: 'nobody:x', length: 1 };
    return scenario && { ...scenario, steps: [{ ...first!, do: [lost] }, ...rest] };
  };
  const told = await computed(shelf(), { load });
  expect(told.flat()).toHaveLength(4);
  for (const cell of told.flat())
    expect(cell).toMatchObject({ attack: ID, why: expect.stringContaining('nobody') });
});
