import { describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../asp/commands';
import type { CommandName } from '../../asp/layouts';
import type { PartialConfig } from '../../config';
import { PAGE_SIZE } from '../../core/address';
import { OWNER_FIRMWARE, OWNER_FREE, pageOwner } from '../../core/page';
import { pageState } from '../../rmp/pageState';
import { readEntry } from '../../rmp/table';
import { brokenTable } from '../../rmp/testing/invariants';
import { Bench } from '../../testing/bench';
import { broken } from '../../testing/invariants';
import { consoleLines } from '../console';
import { countFrames } from '../frames';
import { piecesOf, writesBuffer, writtenPieces } from './handOver';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const snp = (part: PartialConfig = {}) => new Bench({ technology: 'sev-snp', ...part });
const stateAt = (bench: Bench, spa: number) => pageState(readEntry(bench.machine, spa));
const stop = { type: 'xen.asp', to: 'stop' };
const start = { type: 'xen.asp', to: 'start' };

/** Statuses of the firmware’s commands that the record holds, with the checks that decided. */
const refusedCommands = (bench: Bench) =>
  bench.changes.flatMap((change) =>
    change.store === 'fact' && change.what === 'check' && 'status' in (change.data as object)
      ? [(change.data as { status: string }).status].filter((status) => status !== 'SUCCESS')
      : [],
  );

describe('technology SEV-SNP', () => {
  it.each(['milan', 'genoa', 'turin'] as const)('places the RMP and starts SNP on %s', (generation) => {
    const bench = snp({ generation });
    expect(consoleLines(bench.machine)[0]).toBe('(XEN) SEV-SNP: RMP at 0xe00000 - 0xefffff');
    expect(bench.state.need('rmp')).toEqual({ base: 14 * MIB, end: 15 * MIB - 1, segmentBits: null });
    expect(bench.state.need('syscfg')).toEqual({ mfdm: true, snpEn: true, vmplEn: true });
    expect(bench.state.need('platform')).toMatchObject({ snp: 'INIT', sev: 'INIT', es: true });
    expect(refusedCommands(bench)).toEqual([]);
    expect([...broken(bench.machine), ...brokenTable(bench.machine, { firmwareWrote: true })]).toEqual([]);
  });

  it.each(['naples', 'rome'] as const)('goes on with SEV-ES on %s, which has no SNP', (generation) => {
    const bench = snp({ generation });
    expect(consoleLines(bench.machine)).toEqual([
      '(XEN) SEV-SNP: not known to this processor, left out',
      expect.stringContaining('ASP initialised'),
      '(XEN) SEV-ES: ASIDs 1 - 9',
    ]);
    expect(bench.state.cell('rmp')).toBeNull();
    expect(bench.state.cell('syscfg')).toBeNull();
    expect(bench.state.need('platform')).toMatchObject({ snp: 'UNINIT', sev: 'INIT', es: true });
  });

  it.each([4, 5])('is left out of a machine with %d MiB', (mib) => {
    const bench = snp({ memory: mib * MIB });
    expect(consoleLines(bench.machine)[0]).toBe('(XEN) SEV-SNP: no memory for the RMP, left out');
    expect(bench.state.need('platform')).toMatchObject({ snp: 'UNINIT', sev: 'INIT', es: true });
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it.each(['upstream', 'rfc-2025-05', 'branch-2024-10'] as const)('is nothing that %s knows of', (xen) => {
    const bench = snp({ xen });
    expect(bench.state.cell('rmp')).toBeNull();
    expect(consoleLines(bench.machine).join('\n')).not.toMatch('SNP');
  });

  it('cuts the RMP into segments on a Turin of 4 GiB', () => {
    const bench = snp({ generation: 'turin', memory: 4 * GIB });
    const { base, end, segmentBits } = bench.state.need('rmp');
    expect([segmentBits, end + 1 - base]).toEqual([36, MIB]);
    expect(consoleLines(bench.machine)[0]).toBe('(XEN) SEV-SNP: RMP at 0xfee00000 - 0xffefffff');
    for (const spa of [base, base + MIB, base + 17 * MIB - PAGE_SIZE])
      expect(stateAt(bench, spa)).toBe('Firmware');
    expect([0x100000, base - 3 * MIB].map((spa) => stateAt(bench, spa))).toEqual([
      'Hypervisor',
      'Hypervisor',
    ]);
    expect(refusedCommands(bench)).toEqual([]);
  });
});

describe('SNP_INIT_EX that fails', () => {
  const failing = (part: PartialConfig = {}) => {
    const check = COMMANDS.SNP_INIT_EX.checks.at(-1);
    if (!check) throw new Error('SNP_INIT_EX checks nothing');
    const spy = vi.spyOn(check, 'holds').mockReturnValue(true);
    const bench = snp(part);
    spy.mockRestore();
    return bench;
  };
  const commandsOf = (bench: Bench) =>
    bench.spans.flatMap((span) => {
      const { name, args } = span as { name?: string; args?: { command?: string } };
      return name === 'SNP_INIT_EX' || name === 'INIT' ? [name] : (args?.command ?? []);
    });

  it('is not fatal: INIT is tried, and refused because SNPEn is set without an RMP', () => {
    const bench = failing();
    expect(consoleLines(bench.machine)[0]).toMatch(/^\(XEN\) SEV-SNP: could not be initialised/);
    expect(commandsOf(bench)).toEqual(expect.arrayContaining(['SNP_INIT_EX', 'INIT']));
    expect(refusedCommands(bench).at(-1)).toBe('INVALID_PLATFORM_STATE');
    expect(bench.state.cell('platform')).toBeNull();
    expect(bench.refused({ type: 'xl.create', config: 'bob.cfg', extra: 'memory=1' })).toMatch(/^xen\./);
    expect([...broken(bench.machine)]).toEqual([]);
  });
});

describe('the RMP after SNP_INIT_EX', () => {
  const bench = snp();

  it('leaves DRAM to the hypervisor, fixes what is none, and protects itself', () => {
    const bytes = (spa: number) => bench.dram(14 * MIB + 0x4000 + (spa / PAGE_SIZE) * 16, 16);
    const word = (spa: number) => new DataView(bytes(spa).buffer).getBigUint64(0, true);
    expect(word(2 * MIB)).toBe(0n);
    expect(word(14 * MIB + PAGE_SIZE)).toBe(0x8000_0000_0000_0005n);
    expect(word(14 * MIB)).toBe(0x8000_0000_0000_0005n | (255n << 3n));
    expect(word(15 * MIB)).toBe(0n);
    expect(word(15.5 * MIB)).toBe(4n);
    expect(word(16 * MIB + PAGE_SIZE)).toBe(4n);
    expect(bench.dram(14 * MIB, 0x4000).every((byte) => byte === 0)).toBe(true);
  });

  it('has the trusted region as one firmware page of 2 MiB', () => {
    const { region } = bench.state.need('driver');
    expect(region).toBe(12 * MIB);
    expect(bench.state.need('platform').tmr).toMatchObject({ address: region, length: 2 * MIB, live: true });
    const entry = readEntry(bench.machine, 12 * MIB);
    expect(entry).toMatchObject({ assigned: true, immutable: true, large: true, asid: 0, gpa: 0 });
    expect(stateAt(bench, 12 * MIB)).toBe('Firmware');
  });
});

describe('pages that commands write', () => {
  it('are those that the firmware looks at', () => {
    const bench = snp();
    const fields = (name: string) =>
      Object.fromEntries(['PADDR', 'LENGTH', 'LEN'].map((end) => [`${name}${end}`, PAGE_SIZE]));
    const all = {
      ...fields(''),
      ...Object.fromEntries(
        ['CSR', 'PDH', 'CERTS', 'ID', 'MEASURE', 'GUEST', 'SESSION', 'HDR', 'TRANS', 'DST'].flatMap((name) =>
          Object.entries(fields(`${name}_`)),
        ),
      ),
    };
    const legacy = Object.entries(COMMANDS).filter(
      ([name]) => !/^SNP_|^INIT|RING_BUFFER|SWAP|COPY/.test(name),
    );
    for (const [name, { checks }] of legacy) {
      const looks = checks.some(({ id }) => id === 'asp.firmware-writable');
      const handed = writtenPieces(bench.machine, name as CommandName, all).length > 0;
      expect([name, handed]).toEqual([name, looks]);
    }
  });

  it('go to the firmware and come back', () => {
    const bench = snp();
    const { buffer } = bench.state.need('driver');
    const from = bench.spans.length;
    bench.done({ type: 'xl.create', config: 'bob.cfg' });
    const names = bench.spans.slice(from).flatMap((span) => (span as { name?: string }).name ?? []);
    expect(writesBuffer('LAUNCH_START')).toBe(true);
    const at = names.indexOf('LAUNCH_START');
    expect(names.slice(at - 3, at)).toContain('RMPUPDATE');
    expect(names.slice(at + 1, at + 5)).toEqual([
      'SNP: pages back',
      'sev_do_cmd',
      'SNP_PAGE_RECLAIM',
      'RMPUPDATE',
    ]);
    const { frames, vmsas } = bench.domain('bob');
    const pages = [buffer, ...vmsas, ...frames.map(([first]) => first * PAGE_SIZE)];
    for (const page of pages) expect(stateAt(bench, page)).toBe('Hypervisor');
    expect(refusedCommands(bench)).toEqual([]);
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('leave a migrated guest running on the other host', () => {
    const bench = snp();
    bench.done({ type: 'xl.create', config: 'bob.cfg', extra: 'memory=1 sev_policy=5' });
    bench.done({ type: 'xl.migrate', guest: 'bob' });
    expect(refusedCommands(bench)).toEqual([]);
    const far = bench.machine.far();
    expect(far.state.need('platform')).toMatchObject({ snp: 'INIT', sev: 'WORKING' });
    for (const p of [bench.machine, far]) expect([...broken(p)]).toEqual([]);
  });

  it('come back also after a command that is refused', () => {
    const bench = snp();
    bench.done({ type: 'asp.command', command: 'SHUTDOWN' });
    bench.perform({ type: 'xl.create', config: 'bob.cfg' });
    expect(refusedCommands(bench)).toContain('INVALID_PLATFORM_STATE');
    expect(stateAt(bench, bench.state.need('driver').buffer)).toBe('Hypervisor');
  });

  it('are of 2 MiB where a buffer fills them', () => {
    expect(piecesOf(2 * MIB - PAGE_SIZE, 2 * MIB + 2 * PAGE_SIZE)).toEqual([
      { spa: 2 * MIB - PAGE_SIZE, large: false },
      { spa: 2 * MIB, large: true },
      { spa: 4 * MIB, large: false },
    ]);
    expect(piecesOf(0x1ff8, 16)).toHaveLength(2);
    expect(piecesOf(0x1000, 0)).toEqual([]);
  });
});

describe('shutdown', () => {
  it('takes SNP down behind SEV, gives the memory back, and starts again', () => {
    const bench = snp();
    const free = () => countFrames(bench.state.need('xen').free);
    const before = free();
    bench.done(stop);
    expect(bench.state.need('platform')).toMatchObject({
      sev: 'UNINIT',
      snp: 'UNINIT',
      rmpInitialised: false,
    });
    expect(bench.state.need('syscfg').snpEn).toBe(false);
    expect(bench.state.cell('rmp')).toBeNull();
    expect(free()).toBe(before + (3 * MIB) / PAGE_SIZE);
    expect(pageOwner(bench.state.pages.get((14 * MIB) / PAGE_SIZE))).toBe(OWNER_FREE);
    expect(consoleLines(bench.machine)).toContain('(XEN) SEV-SNP: RMP given back');
    bench.done(start);
    expect(free()).toBe(before);
    expect(bench.state.need('platform')).toMatchObject({ sev: 'INIT', snp: 'INIT' });
    expect(pageOwner(bench.state.pages.get((14 * MIB) / PAGE_SIZE))).toBe(OWNER_FIRMWARE);
    expect(refusedCommands(bench)).toEqual([]);
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it.each(['machine.reset', 'power'])('%s clears it, and the boot enables it again', (how) => {
    const bench = snp({ writeBack: 'late' });
    bench.done({ type: 'xl.create', config: 'alice.cfg' });
    if (how === 'power') bench.done({ type: 'power.off' });
    bench.done({ type: how === 'power' ? 'power.on' : how });
    expect(bench.state.need('platform')).toMatchObject({ sev: 'INIT', snp: 'INIT' });
    expect(stateAt(bench, 14 * MIB)).toBe('Firmware');
    expect([...broken(bench.machine), ...brokenTable(bench.machine, { firmwareWrote: true })]).toEqual([]);
  });
});
