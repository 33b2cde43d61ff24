import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../../config';
import { PAGE_SIZE } from '../../core/address';
import { GENERATIONS } from '../../core/config';
import { OWNER_FIRMWARE, OWNER_FREE, pageOwner } from '../../core/page';
import { CPUID_SAMPLES } from '../../cpu/cpuid';
import { Bench } from '../../testing/bench';
import { broken } from '../../testing/invariants';
import { consoleLines } from '../console';
import { countFrames } from '../frames';

const MIB = 2 ** 20;
const es = (part: PartialConfig = {}) => new Bench({ technology: 'sev-es', ...part });
const stop = { type: 'xen.asp', to: 'stop' };
const start = { type: 'xen.asp', to: 'start' };
const regionOf = (bench: Bench): number => bench.state.need('driver').region ?? 0;
const ownerAt = (bench: Bench, spa: number) => pageOwner(bench.state.pages.get(spa / PAGE_SIZE));

describe('technology SEV-ES', () => {
  it.each(GENERATIONS)('sets ASIDs 1 to 9 aside on %s, and changes nothing else of CPUID', (generation) => {
    const { fn8000001f, fn80000008eax } = CPUID_SAMPLES[generation];
    const cpuid = { fn8000001f: { ...fn8000001f, edx: 10 }, fn80000008eax };
    expect(es({ generation }).state.need('cpuid')).toEqual(cpuid);
    expect(new Bench({ generation }).state.need('cpuid')).toEqual({ fn8000001f, fn80000008eax });
  });

  it('keeps what somebody else sets, over a reset too', () => {
    const bench = es();
    bench.done({ type: 'machine.cpuid', ecx: 100, edx: 1 });
    bench.perform({ type: 'machine.reset' });
    expect(bench.state.need('cpuid').fn8000001f).toMatchObject({ ecx: 100, edx: 1 });
    expect(consoleLines(bench.machine)).toContain('(XEN) SEV-ES: no ASIDs');
  });
});

describe('the trusted memory region', () => {
  it('is an aligned megabyte of free memory, the secure processor’s from DF_FLUSH on', () => {
    const bench = es();
    const region = regionOf(bench);
    expect(region).toBe(14 * MIB);
    const tmr = { address: region, length: MIB, live: true, blocks: [] };
    expect(bench.state.need('platform')).toMatchObject({ sev: 'INIT', es: true, tmr });
    for (const spa of [region, region + MIB - PAGE_SIZE]) expect(ownerAt(bench, spa)).toBe(OWNER_FIRMWARE);
    for (const spa of [region - PAGE_SIZE, region + MIB]) expect(ownerAt(bench, spa)).toBe(OWNER_FREE);
    expect(consoleLines(bench.machine)).toEqual([
      '(XEN) SEV: ASIDs 10 - 509, ASP initialised',
      '(XEN) SEV-ES: ASIDs 1 - 9',
    ]);
  });

  it('is reached by no core and no device; the stick does not ask', () => {
    const bench = es({ sme: 'none' });
    const [at, last] = [regionOf(bench), regionOf(bench) + MIB];
    for (const spa of [at, last - 16]) {
      expect(bench.refused({ type: 'host.read', at: spa, length: 16 })).toBe('memory.firmware-region');
      expect(bench.refused({ type: 'host.write', at: spa, data: 'mine' })).toBe('memory.firmware-region');
      expect(bench.refused({ type: 'device.read', at: spa, length: 16 })).toBe('memory.firmware-region');
      bench.done({ type: 'probe.read', at: spa, length: 16 });
    }
    bench.done({ type: 'host.read', at: at - 16, length: 16 });
    bench.done({ type: 'host.read', at: last, length: 16 });
    expect(bench.refused({ type: 'host.read', at: at - 8, length: 16 })).toBe('memory.firmware-region');
  });

  it('holds no lines of the host’s any more when it begins', () => {
    const bench = es({ writeBack: 'late' });
    const region = regionOf(bench);
    bench.perform(stop);
    bench.done({ type: 'host.write', at: region, data: 'still here' });
    bench.done(start);
    expect(regionOf(bench)).toBe(region);
    expect([...broken(bench.machine)]).toEqual([]);
    for (const cache of bench.state.caches) expect(cache.at(region)).toEqual([]);
  });

  it('goes back to free memory with SHUTDOWN, and is taken again', () => {
    const bench = es();
    const region = regionOf(bench);
    const free = () => countFrames(bench.state.need('xen').free);
    const before = free();
    bench.perform(stop);
    expect(ownerAt(bench, region)).toBe(OWNER_FREE);
    expect(free()).toBe(before + MIB / PAGE_SIZE);
    bench.done({ type: 'host.read', at: region, length: 16 });
    bench.done(start);
    expect(free()).toBe(before);
    expect(bench.state.need('platform').es).toBe(true);
  });

  it('is left out where no megabyte is free, and the platform starts without SEV-ES', () => {
    const bench = es({ memory: 4 * MIB });
    bench.perform(stop);
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'coco=0 memory=3' });
    bench.perform(start);
    expect(bench.state.need('driver').region).toBeUndefined();
    expect(bench.state.need('platform')).toMatchObject({ sev: 'INIT', es: false, tmr: null });
    expect(consoleLines(bench.machine).at(-1)).toBe(
      '(XEN) SEV-ES: no memory for the trusted memory region, left out',
    );
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it.each(['rfc-2025-05', 'branch-2024-10'] as const)('is nothing that %s knows of', (xen) => {
    const bench = es({ xen });
    expect(bench.state.need('platform')).toMatchObject({ sev: 'INIT', es: false });
    expect(bench.state.need('driver').region).toBeUndefined();
    expect(consoleLines(bench.machine).join('\n')).not.toMatch('SEV-ES');
    expect(bench.done({ type: 'xl.create', config: 'alice.cfg' })).toMatchObject({ sev: true, asid: 10 });
  });
});
