import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { GENERATIONS } from '../core/config';
import { HOST_KEY, NO_KEY } from '../core/key';
import { asData, Bench, blocks } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { broken } from '../testing/invariants';
import { livingDomains } from '../xen/domains';

const TEXT = blocks('one secret of sixteen bytes, and another one');
const text = (bench: Bench, at: number, guest = 'alice') =>
  bench.done({ type: 'guest.read', guest, at, length: TEXT.length }).hex === asData(TEXT).slice(4);

function alice(part = {}): { bench: Bench; at: number; spa: number } {
  const bench = new Bench({ memory: 2 ** 22, ...part });
  bench.done(createGuest('alice'));
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: asData(TEXT) }).at);
  return { bench, at, spa: bench.spaOf('alice', at) };
}

describe.each(GENERATIONS)('a page on %s', (generation) => {
  it.each(['soon', 'late'] as const)(
    'goes shared and private again and keeps what it held, write-back %s',
    (writeBack) => {
      const { bench, at, spa } = alice({ generation, writeBack });
      for (const [to, key] of [
        ['shared', NO_KEY],
        ['private', 2],
        ['shared', NO_KEY],
      ] as const) {
        bench.done({ type: 'guest.convert', guest: 'alice', at, to });
        expect(text(bench, at)).toBe(true);
        bench.perform({ type: 'cpu.vmpage-flush', at: spa, asid: 2 });
        bench.done({ type: 'cpu.clflush', at: spa, length: 4096 });
        expect(bench.keysOf(spa, TEXT)).toEqual([key]);
      }
    },
  );

  it('whose C-bit flips without a copy holds what it held, read with another eye', () => {
    const { bench, at, spa } = alice({ generation });
    const before = bench.dram(spa, TEXT.length);
    bench.done({ type: 'guest.set-c', guest: 'alice', at, c: false });
    for (const core of [0, 2]) bench.done({ type: 'cpu.wbinvd', core });
    expect(bench.dram(spa, TEXT.length)).toEqual(before);
    expect(text(bench, at)).toBe(false);
    bench.done({ type: 'guest.set-c', guest: 'alice', at, c: true });
    for (const core of [0, 2]) bench.done({ type: 'cpu.wbinvd', core });
    expect(text(bench, at)).toBe(true);
  });

  it('converted without the flush is overwritten by its forgotten line, where nothing keeps domains coherent', () => {
    const { bench, at, spa } = alice({ generation, writeBack: 'late' });
    bench.done({ type: 'guest.write', guest: 'alice', at, data: 'a dirty private line' });
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'shared', flush: false, keep: false });
    bench.done({ type: 'guest.write', guest: 'alice', at, data: asData(TEXT) });
    bench.done({ type: 'cpu.clflush', at: spa, length: 4096 });
    const held = bench.keysOf(spa, TEXT).length === 1;
    for (const core of [0, 2]) bench.done({ type: 'cpu.wbinvd', core });
    const kept = bench.keysOf(spa, TEXT).length === 1;
    expect([held, kept]).toEqual([true, generation !== 'naples' && generation !== 'rome']);
  });
});

describe('the hypervisor and the guest after it', () => {
  it('meddle with blocks, replay and move: what SEV without SNP lets them (cpu-and-rmp.md C.5)', () => {
    const { bench, at, spa } = alice();
    const saved = bench.dram(spa, 16);
    bench.done({ type: 'host.write', at: spa, data: 'x', c: '0' });
    const noise = String(bench.done({ type: 'guest.read', guest: 'alice', at, length: TEXT.length }).hex);
    expect(noise.slice(0, 32)).not.toBe(asData(TEXT).slice(4, 36));
    expect(noise.slice(32)).toBe(asData(TEXT).slice(36));
    bench.done({ type: 'host.write', at: spa, data: asData(saved), c: '0' });
    expect(text(bench, at)).toBe(true);
    bench.done({ type: 'host.copy', from: spa, to: spa + 64, length: 16, c: '0' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: at + 64, length: 16 }).hex).not.toBe(
      asData(TEXT).slice(4, 36),
    );
  });

  it('a remapped page is the plaintext of another address; another guest’s page is noise', () => {
    const { bench, at, spa } = alice();
    const other = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'elsewhere' }).at);
    bench.done({ type: 'host.remap', guest: 'alice', gpa: other - GUEST_BASE, to: spa });
    expect(text(bench, other)).toBe(true);
    bench.done(createGuest('bob'));
    bench.done({ type: 'host.remap', guest: 'bob', gpa: 9 * PAGE_SIZE, to: spa });
    expect(text(bench, GUEST_BASE + 9 * PAGE_SIZE, 'bob')).toBe(false);
    expect(text(bench, at)).toBe(true);
  });

  it('a remap beyond the machine faults and does not wrap round', () => {
    for (const [to, rule] of [
      [2 ** 43, 'paging.reserved'],
      [2 ** 50, 'paging.reserved'],
      [2 ** 40, 'memory.unmapped'],
    ] as const) {
      const { bench, at } = alice({ generation: 'naples' });
      bench.done({ type: 'host.remap', guest: 'alice', gpa: at - GUEST_BASE, to });
      expect(bench.refused({ type: 'guest.read', guest: 'alice', at })).toBe(rule);
    }
  });
});

describe('the space of ASIDs', () => {
  it('on Naples ends with the fourteenth encrypted guest; others go on; one that leaves makes room', () => {
    const bench = new Bench({ generation: 'naples', memory: 2 ** 25 });
    for (let i = 2; i <= 15; i++) expect(bench.done(createGuest(`g${i}`)).asid).toBe(i);
    expect(bench.refused(createGuest('late'))).toBe('domain.no-asid');
    expect(bench.done(createGuest('plain', 1, false)).asid).toBe(16);
    bench.done({ type: 'xl.destroy', guest: 'g7' });
    expect(bench.done(createGuest('late')).asid).toBe(7);
    for (const guest of ['g2', 'late', 'plain']) bench.done({ type: 'guest.write', guest, data: 'alive' });
  });

  it('is redrawn by the CPUID registers', () => {
    const bench = new Bench({ memory: 2 ** 22 });
    bench.done({ type: 'machine.cpuid', ecx: 3, edx: 2 });
    expect([bench.done(createGuest('a')).asid, bench.done(createGuest('b')).asid]).toEqual([2, 3]);
    expect(bench.refused(createGuest('c'))).toBe('domain.no-asid');
    bench.done({ type: 'machine.cpuid', ecx: 3, edx: 4 });
    bench.done({ type: 'xl.destroy', guest: 'b' });
    expect(bench.refused(createGuest('c'))).toBe('domain.no-asid');
    expect(bench.refused({ type: 'machine.cpuid', ecx: 3, edx: 5 })).toBe('firmware.cpuid');
  });

  it('the key of each guest is its own: three ciphertexts of one plaintext', () => {
    const bench = new Bench({ memory: 2 ** 22, encryption: 'ecb', sme: 'full' });
    const stored = ['a', 'b'].map((guest) => {
      bench.done(createGuest(guest));
      const at = Number(bench.done({ type: 'guest.write', guest, data: asData(TEXT) }).at);
      return bench.dram(bench.spaOf(guest, at), 16).join();
    });
    bench.done({ type: 'host.write', at: 2 ** 20 * 3, data: asData(TEXT) });
    expect(bench.keysOf(2 ** 20 * 3, TEXT)).toEqual([HOST_KEY]);
    expect(new Set([...stored, bench.dram(2 ** 20 * 3, 16).join()]).size).toBe(3);
  });
});

describe('creation', () => {
  it.each([1, 2, 3, 64, 65, 4096])('a guest of %i MiB works to its last byte, and no further', (memory) => {
    const bench = new Bench({ memory: memory > 16 ? 2 ** 33 : 2 ** 24 });
    const size = Number(bench.done(createGuest('alice', memory)).memory);
    expect(size).toBe(memory * 2 ** 20);
    const end = GUEST_BASE + size;
    bench.done({ type: 'guest.write', guest: 'alice', at: end - TEXT.length, data: asData(TEXT) });
    expect(text(bench, end - TEXT.length)).toBe(true);
    expect(bench.refused({ type: 'guest.read', guest: 'alice', at: end - 1, length: 2 })).toBe(
      'paging.not-present',
    );
    bench.done({ type: 'guest.convert', guest: 'alice', at: end - 1, to: 'shared' });
    expect(text(bench, end - TEXT.length)).toBe(true);
  });

  it('that fails leaves nothing behind', () => {
    const bench = new Bench({ memory: 2 ** 22 });
    const before = bench.state.allCells();
    expect(bench.refused(createGuest('xen'))).toBe('domain.reserved-name');
    expect(bench.state.allCells()).toEqual(before);
    const held = () => {
      const { free, heap } = bench.state.need('xen');
      const handles = bench.state.allCells().filter(([name]) => name.startsWith('handle/'));
      return {
        free,
        heap,
        handles,
        broken: [...broken(bench.machine)],
        living: livingDomains(bench.machine),
      };
    };
    const unused = held();
    expect(unused).toMatchObject({ handles: [], broken: [], living: [] });
    for (const extra of ['memory=1024', 'memory=1 vcpus=128']) {
      expect(bench.refused({ type: 'xl.create', config: 'alice.cfg', extra })).toBe('xen.no-memory');
      expect(held()).toEqual(unused);
    }
    expect(bench.done(createGuest('alice')).asid).toBe(2);
    const plain = new Bench({ technology: 'sme' });
    expect(plain.refused(createGuest('alice', 1, true))).toBe('xen.create.arch_sanitise_domain_config');
  });

  it('and destruction, again and again, lose no frame', () => {
    const bench = new Bench({ memory: 2 ** 22 });
    const free = () => [bench.state.need('xen').free, bench.state.need('xen').heap];
    const before = free();
    for (let i = 0; i < 5; i++) {
      bench.done(createGuest('alice'));
      bench.done({ type: 'host.remap', guest: 'alice', gpa: 2 ** 40 + i * 2 ** 30, to: 2 ** 21 });
      bench.done({ type: 'guest.grow', guest: 'alice', memory: 2 ** 20 });
      bench.done({ type: 'xl.destroy', guest: 'alice' });
      expect(free()).toEqual(before);
    }
  });

  it.each(['off', 'sme', 'sev'] as const)(
    'of a guest on frames of a dead one shows it nothing of it (%s)',
    (technology) => {
      const { bench, at, spa } = alice({ technology });
      const before = bench.dram(spa, TEXT.length);
      bench.done({ type: 'xl.destroy', guest: 'alice' });
      expect(bench.dram(spa, TEXT.length)).not.toEqual(before);
      bench.done(createGuest('bob'));
      expect(bench.spaOf('bob', at)).toBe(spa);
      expect(text(bench, at, 'bob')).toBe(false);
    },
  );

  it('of large pages: each conversion splits one, for as long as there is memory', () => {
    const bench = new Bench({ memory: 2 ** 28 });
    bench.done(createGuest('alice', 128));
    for (let i = 0; i < 40; i++)
      bench.done({ type: 'guest.convert', guest: 'alice', at: GUEST_BASE + (i + 8) * 2 ** 21, to: 'shared' });
    const code = bench.state.need('guest', 1).objects.find(({ kind }) => kind === 'code');
    expect(bench.done({ type: 'guest.run', guest: 'alice', at: code?.address ?? 0 }).eax).toBe(142);
  });
});

describe('code', () => {
  it('may end with the last byte of memory', () => {
    const { bench } = alice();
    const last = GUEST_BASE + 2 ** 20 - 1;
    bench.done({ type: 'guest.write', guest: 'alice', at: last, data: 'hex:c3' });
    expect(bench.done({ type: 'guest.run', guest: 'alice', at: last }).ended).toBe('RET');
    bench.done({ type: 'guest.write', guest: 'alice', at: last, data: 'hex:b8' });
    expect(bench.refused({ type: 'guest.run', guest: 'alice', at: last })).toBe('paging.not-present');
    bench.done({ type: 'guest.write', guest: 'alice', at: last - PAGE_SIZE, data: 'hex:b8 2a000000 c3' });
    expect(bench.done({ type: 'guest.run', guest: 'alice', at: last - PAGE_SIZE }).eax).toBe(42);
  });

  it('at an odd address is written through the cache', () => {
    const { bench, at } = alice();
    bench.done({ type: 'guest.code', guest: 'alice', at: at + 3 });
    expect(bench.done({ type: 'guest.run', guest: 'alice', at: at + 3 }).eax).toBe(142);
  });
});

describe('without SEV a guest has no C-bit', () => {
  it('to flip', () => {
    const bench = new Bench({ memory: 2 ** 22 });
    bench.done(createGuest('bob', 1, false));
    const at = Number(bench.done({ type: 'guest.write', guest: 'bob', data: 'plain' }).at);
    expect(bench.refused({ type: 'guest.set-c', guest: 'bob', at, c: true })).toBe('guest.no-c-bit');
  });
});
