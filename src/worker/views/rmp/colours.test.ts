import { expect, test } from 'vitest';
import { PAGE_SIZE } from '../../../engine/core/address';
import { pageState } from '../../../engine/rmp/pageState';
import { authoritative } from '../../../engine/rmp/table';
import { PAGE_STATES } from '../../../engine/rmp/types';
import { Bench } from '../../../engine/testing/bench';
import { RmpColours } from './colours';

test('every page has the state of the entry that speaks for it, also after changes and where nothing changed', () => {
  const bench = new Bench({ technology: 'sev-snp', generation: 'genoa' });
  const colours = new RmpColours();
  const { machine } = bench;
  const free = bench.state.need('xen').free[0]?.[0] ?? 0;
  const agrees = (): void => {
    const pairs = colours.of(machine);
    const found = new Map(
      Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i], pairs[2 * i + 1]]),
    );
    for (let pfn = 0; pfn < machine.config.memory / PAGE_SIZE; pfn++) {
      const state = pageState(authoritative(machine, pfn * PAGE_SIZE));
      expect(PAGE_STATES[found.get(pfn) ?? PAGE_STATES.indexOf('Hypervisor')], `page ${pfn}`).toBe(state);
    }
  };
  agrees();
  bench.done({ type: 'host.rmpupdate', at: free * PAGE_SIZE, assigned: true, asid: 3, gpa: 0x5000 });
  agrees();
  bench.done({ type: 'host.rmpupdate', at: free * PAGE_SIZE, assigned: false });
  agrees();
});

test('nothing is told without SNP', () => {
  expect(new RmpColours().of(new Bench({ technology: 'sev-es' }).machine)).toHaveLength(0);
});
