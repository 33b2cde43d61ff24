import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { Bench } from '../testing/bench';

const TEXT = 'balance=1000 EUR';
const ONES = new Uint8Array(16).fill(0xff);
const at = 0x7f00_0008_0000;

function withGuest(config: PartialConfig): { readonly bench: Bench; readonly spa: number } {
  const bench = new Bench({ technology: 'sev-snp', ...config });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  bench.done({ type: 'guest.write', guest: 'alice', at, data: TEXT });
  return { bench, spa: bench.spaOf('alice', at) };
}

const hiding: PartialConfig = { generation: 'turin', fixes: ['ciphertext-hiding'] };

describe('ciphertext hiding', () => {
  it('gives the host and devices 0xff, as look and as read, and the guest what it wrote', () => {
    const { bench, spa } = withGuest(hiding);
    expect(bench.seen({ eye: 'host', c: 0 }, spa, 16)).toEqual(ONES);
    expect(bench.seen({ eye: 'device' }, spa, 16)).toEqual(ONES);
    expect(bench.done({ type: 'host.read', at: spa, length: 16 }).hex).toBe('ff'.repeat(16));
    expect(bench.done({ type: 'device.read', at: spa, length: 16 }).hex).toBe('ff'.repeat(16));
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 16 }).text).toBe(TEXT);
  });

  it('hides nothing from the wires, nor what is shared, nor Xen’s own', () => {
    const { bench, spa } = withGuest(hiding);
    bench.done({ type: 'cpu.wbinvd', core: 1 });
    expect(bench.dram(spa, 16)).not.toEqual(ONES);
    bench.done({ type: 'host.write', at: 0x80000, data: TEXT });
    expect(bench.done({ type: 'host.read', at: 0x80000, length: 16 }).text).toBe(TEXT);
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'shared' });
    expect(bench.done({ type: 'host.read', at: spa, length: 16 }).text).toBe(TEXT);
  });

  it('leaves the refusal of writes to the RMP', () => {
    const { bench, spa } = withGuest(hiding);
    expect(bench.refused({ type: 'host.write', at: spa, data: TEXT })).toBe('rmp.hypervisor-owned');
  });

  it.each<PartialConfig>([{ generation: 'turin' }, { generation: 'milan', fixes: ['ciphertext-hiding'] }])(
    'needs the processor and a Xen that asks for it: %j',
    (config) => {
      const { bench, spa } = withGuest(config);
      expect(bench.seen({ eye: 'host', c: 0 }, spa, 16)).not.toEqual(ONES);
    },
  );
});
