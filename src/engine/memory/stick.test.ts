import { describe, expect, it } from 'vitest';
import type { Action } from '../actions';
import { asData, Bench, blocks } from '../testing/bench';

const MIB = 2 ** 20;
const AT = 5 * MIB;
const OLD = blocks('salary=4200 EUR.');
const NEW = blocks('salary=9900 EUR.');

const sme = () => new Bench({ technology: 'sme', memory: 16 * MIB });
const held = { type: 'stick.interposer', line: 23, on: true };

describe('an address line that reaches no cell', () => {
  it('lets two addresses share a cell, and no longer when it works again', () => {
    const bench = new Bench({ technology: 'off', memory: 16 * MIB });
    bench.done({ type: 'host.write', at: AT, data: asData(OLD) });
    expect(bench.dram(AT + 8 * MIB, 16)).toEqual(new Uint8Array(16));
    bench.done(held);
    expect(bench.dram(AT + 8 * MIB, 16)).toEqual(OLD);
    bench.done({ type: 'host.write', at: AT + 8 * MIB, data: asData(NEW) });
    expect(bench.dram(AT, 16)).toEqual(NEW);
    bench.done({ ...held, on: false });
    expect(bench.dram(AT, 16)).toEqual(NEW);
    expect(bench.dram(AT + 8 * MIB, 16)).toEqual(new Uint8Array(16));
  });

  it('changes neither tweak nor cache: with a key the other address shows noise, and lines stay apart', () => {
    const bench = sme();
    bench.done(held);
    bench.done({ type: 'host.write', at: AT, data: asData(OLD) });
    const raw = bench.dram(AT, 16);
    expect(bench.dram(AT + 8 * MIB, 16)).toEqual(raw);
    expect(bench.done({ type: 'host.read', at: AT + 8 * MIB, length: 16, c: '1' })).not.toMatchObject({
      text: 'salary=4200 EUR.',
    });
    bench.done({ type: 'host.write', at: AT + 8 * MIB, data: asData(NEW), c: '0' });
    expect(bench.dram(AT, 16)).toEqual(NEW);
    expect(bench.done({ type: 'host.read', at: AT, length: 16, c: '1' })).toMatchObject({
      text: 'salary=4200 EUR.',
    });
  });

  it('comes with an SPD at the next power-on, and firmware that probes starts no SNP then', () => {
    for (const fixes of [[], ['alias-check'] as const]) {
      const bench = new Bench({ technology: 'sev-snp', memory: 16 * MIB, fixes });
      bench.done({ type: 'stick.spd', line: 23 });
      expect(bench.state.dram.dead).toBe(0);
      bench.done({ type: 'machine.reset' });
      expect(bench.state.dram.dead).toBe(8 * MIB);
      expect(bench.state.cell('platform')?.snp === 'INIT').toBe(fixes.length === 0);
    }
  });

  it('is not noticed by a probe when it was held low later', () => {
    const bench = new Bench({ technology: 'sev-snp', memory: 16 * MIB, fixes: ['alias-check'] });
    expect(bench.state.cell('stick')).toMatchObject({ dead: 0, aliased: false });
    expect(bench.state.cell('platform')?.snp).toBe('INIT');
  });
});

describe('INVD', () => {
  const late = (fixes: ('microcode-invd' | 'fw-sb3020')[] = []) =>
    new Bench({ technology: 'sme', memory: 16 * MIB, writeBack: 'late', fixes });
  const write = { type: 'host.write', at: AT, data: asData(NEW), c: '0' };

  it('drops dirty lines, and writes them back while bit 4 of HWCR is set', () => {
    for (const invdWbinvd of [false, true]) {
      const bench = late();
      bench.done({ type: 'cpu.hwcr', core: 0, invdWbinvd });
      bench.done(write);
      bench.done({ type: 'cpu.invd', core: 0 });
      expect(bench.dram(AT, 16)).toEqual(invdWbinvd ? NEW : new Uint8Array(16));
    }
  });

  it('still drops the host’s own lines with newer microcode', () => {
    const bench = late(['microcode-invd']);
    bench.done(write);
    bench.done({ type: 'cpu.invd', core: 0 });
    expect(bench.dram(AT, 16)).toEqual(new Uint8Array(16));
  });
});

describe('while the firmware writes the RMP', () => {
  const again = (fixes: ('fw-sb3020' | 'fw-sb3034')[], first: (at: number) => Action) => {
    const bench = new Bench({ technology: 'sev-snp', memory: 16 * MIB, fixes });
    const { base } = bench.state.need('rmp');
    const entry = base + 0x4000 + (base / 4096 + 17) * 16;
    bench.done(first(entry));
    bench.done({ type: 'xen.asp', to: 'stop' });
    bench.done({ type: 'xen.asp', to: 'start' });
    return { bench, entry: bench.dram(entry, 8) };
  };

  it.each([
    [[], true],
    [['fw-sb3020' as const], false],
  ])('a store of another core lasts: with fixes %j %s', (fixes, lasts) => {
    const { entry } = again(fixes, (at) => ({
      type: 'host.race',
      at,
      data: 'hex:0000000000000000',
      core: 1,
    }));
    expect(entry.every((byte) => byte === 0)).toBe(lasts);
  });

  it('its writes can be led nowhere, unless the routes are locked', () => {
    const lead = (at: number) => ({ type: 'host.route', at: at - 0x1000, length: 0x2000 });
    const open = again([], lead);
    expect(open.entry).toEqual(new Uint8Array(8));
    expect(open.bench.state.cell('platform')?.snp).toBe('INIT');
    expect(again(['fw-sb3034'], lead).bench.state.cell('platform')?.snp).toBe('UNINIT');
  });
});
