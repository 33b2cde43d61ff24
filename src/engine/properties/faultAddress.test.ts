import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import type { FactChange } from '../core/change';
import type { Technology } from '../core/config';
import { Bench } from '../testing/bench';
import { Confidentiality } from './confidentiality';
import { ControlFlow } from './controlFlow';
import type { Monitor } from './observation';

const ROOT = PAGE_SIZE;
/** RIP in the direct map chooses entry 254 of the root. */
const CHOSEN = 254 * 8;

/** Carol runs for a moment with Alice’s ASID; `text` lies where her root of page tables is expected. */
function disguised(technology: Technology, text: string, victims: 'own' | 'sealed' = 'own'): Bench {
  const bench = new Bench({ technology });
  for (const config of ['alice.cfg', 'carol.cfg'])
    bench.done({ type: 'xl.create', config, extra: 'memory=1' });
  for (const guest of ['alice', 'carol']) {
    bench.done({ type: 'guest.program', guest, text: 'nop\nmov rsp, 1\nhlt' });
    bench.done({ type: 'guest.step', guest, count: guest === 'alice' ? 2 : 1 });
    bench.done({ type: 'host.vmexit', core: bench.domain(guest).core });
  }
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'a page' }).at);
  if (text) bench.done({ type: 'guest.write', guest: 'alice', at: at + CHOSEN, data: text });
  bench.done({ type: 'host.vmexit', core: bench.domain('alice').core });
  const to = bench.spaOf('alice', at);
  bench.done({ type: 'host.remap', guest: 'carol', gpa: ROOT, to });
  const { asid, vmsas } = bench.domain('alice');
  bench.done({ type: 'host.vmcb', guest: 'carol', field: 'asid', value: asid });
  if (victims === 'sealed')
    bench.done({ type: 'host.vmcb', guest: 'carol', field: 'vmsa', value: vmsas[0] ?? 0 });
  bench.perform({ type: 'guest.step', guest: 'carol' });
  return bench;
}

const told = ({ changes }: Bench): FactChange[] =>
  changes.flatMap((change) =>
    change.store === 'fact' && change.rule?.id === 'npf.fault-address' ? [change] : [],
  );

function judged({ changes }: Bench, monitor: Monitor): string[] {
  for (const [index, change] of changes.entries()) monitor.fold(change, index);
  return monitor.violations.map(({ sentence }) => sentence);
}

describe('a fault address', () => {
  it('tells the address bits of eight bytes that the walker took for an entry', () => {
    const bench = disguised('sev', 'a=4711 ;c=0815 ;');
    const [fact] = told(bench);
    const text = [...(fact?.bytes ?? [])].map((byte) => String.fromCharCode(byte)).join('');
    expect(text).toBe('\0\x304711\0\0');
    expect(fact?.data).toMatchObject({ bits: '0xfffffffff000', address: 0x3131_3734_3000 });
    expect(judged(bench, new Confidentiality())).toEqual([
      expect.stringMatching(
        /^Xen read a part of what Alice keeps at 0x[0-9a-f]+ from the address of a fault/,
      ),
    ]);
  });

  it('tells nothing where bit 0 is clear: the page fault stays in the guest', () => {
    const bench = disguised('sev', 'b=4711 ;c=0815 ;');
    expect(told(bench)).toEqual([]);
    expect(judged(bench, new Confidentiality())).toEqual([]);
  });

  it('gives no block away that could be guessed', () => {
    expect(judged(disguised('sev', 'aaaaaa aaaaaaa a'), new Confidentiality())).toEqual([]);
  });

  it('tells the guest’s own entry on an ordinary fault, which is nobody’s secret', () => {
    const bench = new Bench({ technology: 'sev' });
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'a note of Alice!' }).at);
    const gpa = at % 2 ** 32;
    bench.done({ type: 'host.remap', guest: 'alice', gpa, to: bench.spaOf('alice', at), present: false });
    expect(bench.perform({ type: 'guest.read', guest: 'alice', at: at + 8, length: 8 }).ok).toBe(false);
    expect(told(bench).map(({ data }) => data)).toEqual([
      expect.objectContaining({ bits: '0xfffffffff000', address: gpa + 8 }),
    ]);
    expect(judged(bench, new Confidentiality())).toEqual([]);
  });

  it('is none where the RMP stops the walk before the entry', () => {
    expect(told(disguised('sev-snp', 'a=4711 ;c=0815 ;', 'sealed'))).toEqual([]);
  });
});

describe('another’s VMSA', () => {
  it('is entered with what its last exit sealed, whichever VMCB points to it', () => {
    const bench = disguised('sev-es', 'a=4711 ;c=0815 ;', 'sealed');
    expect(told(bench)).toHaveLength(1);
    expect(judged(bench, new ControlFlow())).toEqual([]);
  });
});
