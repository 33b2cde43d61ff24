import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import type { Technology } from '../core/config';
import { Bench } from '../testing/bench';

const GVA = 0x7f00_0008_0000;
const TO = 0x8_0000;
const TEXT = 'balance=1000 EUR';
const send = { type: 'dom0.impostor', guest: 'alice', gpa: 0x8_0000, to: TO };
const open = { type: 'dom0.open-packet', at: TO, length: 16 };
const take = { type: 'asp.old-firmware' };

function withAlice(technology: Technology, policy?: number): Bench {
  const bench = new Bench({ technology, generation: 'milan', fixes: ['firmware-rollback'] });
  const extra = `memory=1${policy === undefined ? '' : ` sev_policy=${policy}`}`;
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra });
  bench.done({ type: 'guest.write', guest: 'alice', at: GVA, data: TEXT });
  return bench;
}

describe.each([
  ['sev', 0x21],
  ['sev-es', 0x25],
] as const)('a platform that is none, for a guest with %s', (technology, policy) => {
  it('is refused while its certificates lack the chip’s own signature', () => {
    const bench = withAlice(technology, policy);
    expect(bench.refused(send)).toBe('asp.send-sev-chain');
  });

  it('is believed with a key that old firmware gave away, and opens what it is sent', () => {
    const bench = withAlice(technology, policy);
    bench.done(take);
    bench.done(send);
    expect(new TextDecoder().decode(bench.dram(TO + PAGE_SIZE, 16))).not.toBe(TEXT);
    expect(bench.done(open)).toMatchObject({ text: TEXT });
    expect(bench.state.need('handle', 1)).toMatchObject({ state: 'RUNNING', transport: null });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: GVA, length: 16 })).toMatchObject({
      text: TEXT,
    });
  });

  it.each([
    ['the session', 0x12],
    ['the header', 0x104],
    ['the packet', PAGE_SIZE + 5],
  ])('opens nothing when a byte of %s is another', (_, offset) => {
    const bench = withAlice(technology, policy);
    bench.done(take);
    bench.done(send);
    const [byte = 0] = bench.dram(TO + offset, 1);
    const data = `hex:${(byte ^ 1).toString(16).padStart(2, '0')}`;
    bench.done({ type: 'host.write', at: TO + offset, data, c: '0' });
    expect(bench.refused(open)).toBe('impostor.not-for-it');
  });

  it('gets no guest that may not be sent', () => {
    const bench = withAlice(technology, policy | 8);
    bench.done(take);
    expect(bench.refused(send)).toBe('asp.policy-nosend');
  });
});

describe('the versioned key of an old firmware', () => {
  const show = (claims: string) => ({ type: 'owner.forged-report', claims });

  it('signs no report that names the new one, and an owner takes none that names the old one', () => {
    const bench = withAlice('sev-snp');
    expect(bench.refused(show('current'))).toBe('asp.nothing-taken');
    bench.done(take);
    expect(bench.refused(show('current'))).toBe('owner.report-signature');
    expect(bench.refused(show('old'))).toBe('owner.report-tcb');
    expect(bench.refused(send)).toBe('xl.migrate-snp');
  });
});

it('no machine without the switch loads old firmware', () => {
  const bench = new Bench({ technology: 'sev', generation: 'milan' });
  expect(bench.refused(take)).toBe('asp.no-way-back');
  expect(bench.state.cell('taken')).toBeNull();
});
