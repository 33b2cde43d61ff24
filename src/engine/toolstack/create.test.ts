import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench';

describe('xl create', () => {
  it('goes from the file through the firmware to a guest that runs', () => {
    const bench = new Bench();
    const made = bench.done({ type: 'xl.create', config: 'alice.cfg' });
    expect(made).toMatchObject({ guest: 'alice', id: 1, asid: 2, sev: true, handle: 1 });
    expect(bench.state.need('handle', 1)).toMatchObject({ state: 'RUNNING', activation: 'active', asid: 2 });
    expect(bench.state.need('platform').sev).toBe('WORKING');
  });
});
