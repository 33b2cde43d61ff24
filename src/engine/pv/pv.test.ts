import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { readU32, readU64 } from '../core/bytes';
import type { JsonObject } from '../core/json';
import { Confidentiality } from '../properties/confidentiality';
import { Integrity } from '../properties/integrity';
import { Bench } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { PV_PAGES, type PvPage } from './pages';

const at = (bench: Bench, name: string): number => {
  const found = bench.state.need('guest', 1).objects.find((object) => object.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found.address;
};

/** A page as the guest itself reads it. */
const page = (bench: Bench, name: string): Uint8Array =>
  bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, at(bench, name), PAGE_SIZE);

function connected({ sev = true, shared = true, part = {} } = {}): Bench {
  const bench = new Bench({ memory: 2 ** 22, ...part });
  bench.done(createGuest('alice', 1, sev));
  bench.done({ type: 'pv.connect', guest: 'alice', shared });
  return bench;
}

const SECRET = 'the plans of the invasion, page 1 of 9';
const note = (bench: Bench): number =>
  Number(bench.done({ type: 'guest.write', guest: 'alice', data: SECRET, name: 'plans' }).at);

function lamps(bench: Bench): { secrets: number; contents: number } {
  const [secrets, contents] = [new Confidentiality(), new Integrity()];
  for (const [index, change] of bench.changes.entries()) {
    secrets.fold(change, index);
    contents.fold(change, index);
  }
  return { secrets: secrets.violations.length, contents: contents.violations.length };
}

/** Every kind of machine on which PV drivers work. */
const WORKS = [
  ['an encrypted guest that shares its pages', { sev: true, shared: true }],
  ['the same under full SME', { sev: true, shared: true, part: { sme: 'full' as const } }],
  [
    'the same with late write-back on Naples',
    { part: { generation: 'naples' as const, writeBack: 'late' as const } },
  ],
  ['a plain guest', { sev: false }],
  ['a plain guest that never heard of C-bits', { sev: false, shared: false }],
  ['a plain guest under full SME', { sev: false, part: { sme: 'full' as const } }],
  ['a machine without encryption', { sev: false, part: { technology: 'off' as const } }],
] as const;

describe.each(WORKS)('%s', (_, how) => {
  it('prints: text in the ring at 0x400, indices at 0xc08, the event, xenconsoled', () => {
    const bench = connected(how);
    expect(bench.done({ type: 'pv.print', guest: 'alice', text: 'hello' }).printed).toBe('hello');
    const ring = page(bench, 'console ring');
    expect(Buffer.from(ring.subarray(0x400, 0x406)).toString()).toBe('hello\n');
    expect([readU32(ring, 0xc08), readU32(ring, 0xc0c)]).toEqual([6, 6]);
  });

  it('goes round the ring as often as it likes', () => {
    const bench = connected(how);
    for (let i = 0; i < 20; i++) {
      const text = `${i}`.repeat(120);
      expect(bench.done({ type: 'pv.print', guest: 'alice', text }).printed).toBe(text);
    }
  });

  it('asks the xenstore and gets answers', () => {
    const bench = connected(how);
    const ask = (path: string) => bench.done({ type: 'pv.xenstore', guest: 'alice', path });
    expect(ask('name')).toEqual({ path: 'name', value: 'alice' });
    expect(ask('domid').value).toBe('1');
    expect(ask('/local/domain/1/memory/target').value).toBe('1024');
    expect(ask('no/such/node').error).toBe('ENOENT');
    const ring = page(bench, 'xenstore ring');
    expect(Buffer.from(ring.subarray(16, 20)).toString()).toBe('name');
    expect(readU32(ring, 0)).toBe(2);
    const [asked, taken, heard, said] = [0x800, 0x804, 0x808, 0x80c].map((index) => readU32(ring, index));
    expect([asked, heard]).toEqual([taken, said]);
    expect(asked).toBeGreaterThan(4 * 16);
  });

  it('moves a sector through the bounce page, both ways', () => {
    const bench = connected(how);
    const place = note(bench);
    const write = { type: 'pv.block', guest: 'alice', at: place, via: 'bounce', direction: 'write' };
    expect((bench.done(write).disk as JsonObject).text).toBe(SECRET);
    const read = { ...write, direction: 'read', data: 'what the disk held' };
    expect((bench.done(read).guest as JsonObject).text).toBe('what the disk held');
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: place, length: 18 }).text).toBe(
      'what the disk held',
    );
  });

  it('leaves both lamps green: what goes into shared pages is meant for others', () => {
    const bench = connected(how);
    const place = note(bench);
    bench.done({ type: 'pv.print', guest: 'alice', text: 'sixteen bytes and some more of them' });
    bench.done({ type: 'pv.xenstore', guest: 'alice', path: 'memory/target' });
    for (const direction of ['write', 'read'])
      bench.done({ type: 'pv.block', guest: 'alice', at: place, via: 'bounce', direction });
    expect(lamps(bench)).toEqual({ secrets: 0, contents: 0 });
  });
});

describe('the pages in memory', () => {
  it('a grant entry is flags, domain, frame, and carries Xen’s marks while it is mapped', () => {
    const bench = connected();
    const place = note(bench);
    const { ref } = bench.done({ type: 'pv.grant', guest: 'alice', at: place }) as { ref: number };
    expect(ref).toBe(9);
    const table = page(bench, 'grant table');
    expect([readU32(table, ref * 8), readU32(table, ref * 8 + 4)]).toEqual([
      1,
      (place - GUEST_BASE) / PAGE_SIZE,
    ]);
    const writes = (what: string) =>
      bench.changes.filter(
        (change) =>
          change.store === 'fact' &&
          change.what === 'wrote' &&
          change.data.actor === what &&
          change.data.spa === bench.spaOf('alice', at(bench, 'grant table')) + ref * 8,
      );
    bench.done({ type: 'pv.map', guest: 'alice', ref });
    const flags = writes('xen').map((change) => ('bytes' in change ? [...(change.bytes ?? [])] : []));
    expect(flags).toEqual([
      [9, 0],
      [1, 0],
    ]);
  });

  it('an event is a bit at 0x800, one in the selector at 8, and a byte at 0; the mask at 0xa00 holds it back', () => {
    const bench = connected();
    bench.done({ type: 'pv.xenstore', guest: 'alice', path: 'name' });
    const base = bench.spaOf('alice', at(bench, 'shared info'));
    const wrote = bench.changes.flatMap((change) =>
      change.store === 'fact' && change.what === 'wrote' && change.data.actor === 'xen'
        ? [[Number(change.data.spa) - base, change.bytes?.[0]] as const]
        : [],
    );
    expect(wrote).toEqual([
      [0x800, 2],
      [8, 1],
      [0, 1],
    ]);
    expect(page(bench, 'shared info').every((byte) => byte === 0)).toBe(true);
    bench.done({ type: 'guest.write', guest: 'alice', at: at(bench, 'shared info') + 0xa00, data: 'hex:02' });
    expect(bench.refused({ type: 'pv.xenstore', guest: 'alice', path: 'name' })).toBe('pv.no-answer');
    expect(readU64(page(bench, 'shared info'), 0x800)).toBe(2n);
  });

  it('are shared with an encrypted guest’s C-bit cleared, and private if that was forgotten', () => {
    for (const shared of [true, false]) {
      const bench = connected({ shared });
      const pages = bench.state.need('guest', 1).shared;
      const frames = PV_PAGES.map((name: PvPage) => (at(bench, name) - GUEST_BASE) / PAGE_SIZE);
      expect(frames.filter((frame) => pages.includes(frame))).toEqual(shared ? frames : []);
    }
  });

  it('can be set up again, and are empty then', () => {
    const bench = connected({ shared: false });
    bench.perform({ type: 'pv.print', guest: 'alice', text: 'lost' });
    bench.done({ type: 'pv.connect', guest: 'alice' });
    expect(bench.done({ type: 'pv.print', guest: 'alice', text: 'heard' }).printed).toBe('heard');
    bench.done({ type: 'pv.connect', guest: 'alice', shared: false });
    expect(bench.done({ type: 'pv.print', guest: 'alice', text: 'lost' }).printed).toBe('');
  });
});

describe('a grant of a private page', () => {
  it('succeeds, and what Domain-0 reads is what the DRAM holds', () => {
    const bench = connected();
    const place = note(bench);
    const { ref } = bench.done({ type: 'pv.grant', guest: 'alice', at: place });
    const seen = bench.done({ type: 'pv.map', guest: 'alice', ref: Number(ref) });
    expect(seen.spa).toBe(bench.spaOf('alice', place));
    expect(seen.text).not.toContain('plans');
    expect(seen.hex).toBe(Buffer.from(bench.dram(Number(seen.spa))).toString('hex'));
    expect(lamps(bench).secrets).toBe(0);
  });

  it('of a plain guest gives its plaintext away', () => {
    const bench = connected({ sev: false });
    const { ref } = bench.done({ type: 'pv.grant', guest: 'alice', at: note(bench) });
    expect(bench.done({ type: 'pv.map', guest: 'alice', ref: Number(ref) }).text).toContain(SECRET);
    expect(lamps(bench).secrets).toBeGreaterThan(0);
  });
});

describe('a block driver without a bounce page', () => {
  const direct = (bench: Bench, place: number, direction: string) =>
    bench.done({
      type: 'pv.block',
      guest: 'alice',
      at: place,
      via: 'direct',
      direction,
      data: 'from the disk',
    });

  it('works where nothing is encrypted', () => {
    const bench = connected({ sev: false });
    const place = note(bench);
    expect((direct(bench, place, 'write').disk as JsonObject).text).toBe(SECRET);
    expect((direct(bench, place, 'read').guest as JsonObject).text).toBe('from the disk');
  });

  it('writes ciphertext to the disk and finds noise, and the integrity lamp turns red', () => {
    const bench = connected();
    const place = note(bench);
    expect((direct(bench, place, 'write').disk as JsonObject).text).not.toContain('plans');
    expect(lamps(bench)).toEqual({ secrets: 0, contents: 0 });
    expect((direct(bench, place, 'read').guest as JsonObject).text).not.toContain('disk');
    expect(Buffer.from(bench.dram(bench.spaOf('alice', place), 13)).toString()).toBe('from the disk');
    expect(lamps(bench)).toEqual({ secrets: 0, contents: 1 });
  });

  it('works with a page that the guest has shared itself', () => {
    const bench = connected();
    const place = note(bench);
    bench.done({ type: 'guest.convert', guest: 'alice', at: place, to: 'shared' });
    expect((direct(bench, place, 'write').disk as JsonObject).text).toBe(SECRET);
    expect((direct(bench, place, 'read').guest as JsonObject).text).toBe('from the disk');
  });
});

describe('private PV pages of an encrypted guest', () => {
  it('print nothing: xenconsoled reads indices that make no sense, and noise', () => {
    const bench = connected({ shared: false });
    const told = bench.done({ type: 'pv.print', guest: 'alice', text: 'is anybody there?' });
    expect(told.printed).toBe('');
    expect((told.saw as JsonObject).text).not.toContain('anybody');
    expect(Buffer.from(page(bench, 'console ring').subarray(0x400, 0x411)).toString()).toBe(
      'is anybody there?',
    );
  });

  it('fill up, because nobody takes anything', () => {
    const bench = connected({ shared: false });
    const text = 'x'.repeat(255);
    for (let i = 0; i < 8; i++) bench.done({ type: 'pv.print', guest: 'alice', text });
    expect(bench.refused({ type: 'pv.print', guest: 'alice', text })).toBe('pv.ring-full');
  });

  it('get no answer from the xenstore, no grant mapped, and no disk', () => {
    const bench = connected({ shared: false });
    expect(bench.refused({ type: 'pv.xenstore', guest: 'alice', path: 'name' })).toBe('pv.ring-index');
    const place = note(bench);
    const { ref } = bench.done({ type: 'pv.grant', guest: 'alice', at: place });
    expect(bench.refused({ type: 'pv.map', guest: 'alice', ref: Number(ref) })).toBe('pv.bad-grant');
    const write = { type: 'pv.block', guest: 'alice', at: place, via: 'bounce', direction: 'write' };
    expect(bench.refused(write)).toBe('pv.bad-grant');
  });
});

describe('refusals', () => {
  it('name what is missing', () => {
    const bench = new Bench({ memory: 2 ** 22 });
    bench.done(createGuest('alice'));
    expect(bench.refused({ type: 'pv.print', guest: 'alice', text: 'x' })).toBe('pv.not-connected');
    bench.done({ type: 'pv.connect', guest: 'alice' });
    for (const [ref, rule] of [
      [512, 'pv.no-reference'],
      [0, 'pv.bad-grant'],
      [20, 'pv.bad-grant'],
    ] as const)
      expect(bench.refused({ type: 'pv.map', guest: 'alice', ref })).toBe(rule);
    for (const where of [0, GUEST_BASE - 1, GUEST_BASE + 2 ** 20])
      expect(bench.refused({ type: 'pv.grant', guest: 'alice', at: where })).toBe('pv.own-pages');
    bench.done({ type: 'xl.pause', guest: 'alice' });
    expect(bench.refused({ type: 'pv.connect', guest: 'alice' })).toBe('domain.paused');
  });

  it('the grant table is full after 503 more', () => {
    const bench = connected();
    for (let ref = 9; ref < 512; ref++)
      expect(bench.done({ type: 'pv.grant', guest: 'alice', at: GUEST_BASE }).ref).toBe(ref);
    expect(bench.refused({ type: 'pv.grant', guest: 'alice', at: GUEST_BASE })).toBe('pv.grant-table-full');
  });
});
