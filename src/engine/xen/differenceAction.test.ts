import { expect, it } from 'vitest';
import { Confidentiality } from '../properties/confidentiality';
import { Bench } from '../testing/bench';

const KEPT = 0x80000;
const NOW = 0x82000;

it('XORs two moments, and names the quadwords that have changed', () => {
  const bench = new Bench({ technology: 'sme' });
  bench.done({ type: 'host.write', at: KEPT, data: 'hex:000000000000000011111111111111110000000000000000' });
  bench.done({ type: 'host.write', at: NOW, data: 'hex:000000000000000011111111111111130000000000000080' });
  expect(bench.done({ type: 'host.difference', at: NOW, with: KEPT, length: 24 })).toMatchObject({
    hex: '000000000000000000000000000000020000000000000080',
    changed: [8, 16],
  });
  expect(bench.done({ type: 'host.difference', at: NOW, with: NOW, length: 24 })).toMatchObject({
    changed: [],
  });
});

/** What Xen knows of a key that a guest has XORed onto text which everybody knows. */
function violations(technology: 'sev' | 'sev-es'): string[] {
  const bench = new Bench({ technology });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  bench.done({ type: 'guest.write', guest: 'alice', at: 0x7f0000080000, data: 'the key is 8812!' });
  const text = 'mov rbx, 0x7f0000080000\nmov r15, 1\nmov r14, 2\nxor r15, [rbx]\nxor r14, [rbx + 8]\nhlt';
  bench.done({ type: 'guest.program', guest: 'alice', text });
  const { core, userRegs } = bench.domain('alice');
  const at = userRegs[0] ?? 0;
  bench.done({ type: 'guest.step', guest: 'alice', count: 3 });
  bench.done({ type: 'host.vmexit', core });
  bench.done({ type: 'host.copy', from: at, to: KEPT, length: 16 });
  bench.done({ type: 'guest.step', guest: 'alice', count: 2 });
  bench.done({ type: 'host.vmexit', core });
  bench.done({ type: 'host.read', at, length: 16 });
  const monitor = new Confidentiality();
  const count = bench.changes.length;
  for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
  expect(monitor.violations).toEqual([]);
  bench.done({ type: 'host.difference', at, with: KEPT, length: 16 });
  for (const [index, change] of bench.changes.slice(count).entries()) monitor.fold(change, count + index);
  return monitor.violations.map(({ sentence }) => sentence);
}

it('of registers gives an operand away that never stood in one, but for SEV-ES', () => {
  expect(violations('sev')).toEqual([expect.stringMatching(/^Xen saw a block of Alice’s private plaintext/)]);
  expect(violations('sev-es')).toEqual([]);
});
