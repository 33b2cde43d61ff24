import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { authoritative } from '../rmp/table';
import { asData, Bench } from '../testing/bench';

/** A page state change through the GHCB, done right and with a hypervisor that cheats at each of its steps. */
class Play {
  readonly bench = new Bench({ technology: 'sev-snp' });
  readonly at: number;
  readonly gpa: number;

  constructor() {
    for (const config of ['alice.cfg', 'carol.cfg'])
      this.bench.done({ type: 'xl.create', config, extra: 'memory=1' });
    this.at = Number(
      this.bench.done({ type: 'guest.write', guest: 'alice', name: 'note', data: 'sixteen letters.' }).at,
    );
    this.gpa = this.at - GUEST_BASE;
  }

  how(how: string): void {
    this.bench.done({ type: 'xen.page-states', guest: 'alice', how });
  }

  /** The rule that refuses, with the name of the fault; null: it went through. */
  to(to: 'shared' | 'private', keep = true): string | null {
    const outcome = this.bench.perform({ type: 'guest.convert', guest: 'alice', at: this.at, to, keep });
    return outcome.ok ? null : `${outcome.fault.name} ${outcome.fault.rule.id}`;
  }

  get entry() {
    return authoritative(this.bench.machine, this.bench.spaOf('alice', this.at));
  }

  read(): string | null {
    const seen = this.bench.perform({ type: 'guest.read', guest: 'alice', at: this.at, length: 16 });
    return seen.ok ? String((seen.value as { text?: string }).text) : null;
  }
}

describe('a page state change', () => {
  it('done right', () => {
    const play = new Play();
    expect(play.to('shared')).toBeNull();
    expect(play.entry).toMatchObject({ assigned: false, asid: 0 });
    expect(play.to('private')).toBeNull();
    expect(play.entry).toMatchObject({ assigned: true, asid: 2, gpa: play.gpa, validated: true });
    expect(play.read()).toBe('sixteen letters.');
  });

  it.each([
    ['nothing', '#NPF rmp.guest-owned', { assigned: false }],
    ['other-guest', '#NPF rmp.guest-owned', { assigned: true, asid: 3, validated: false }],
    ['other-address', '#NPF rmp.reverse-map', { assigned: true, asid: 2, validated: false }],
  ] as const)('to private, %s: PVALIDATE ends in %s', (how, ends, entry) => {
    const play = new Play();
    play.to('shared');
    play.how(how);
    expect(play.to('private')).toBe(ends);
    expect(play.entry).toMatchObject(entry);
    play.how('honest');
    expect(play.to('private', false)).toBeNull();
    expect(play.entry).toMatchObject({ asid: 2, gpa: play.gpa, validated: true });
  });

  it('to shared, nothing: the guest cannot write what it means to share, and reads it undecrypted', () => {
    const play = new Play();
    play.how('nothing');
    expect(play.to('shared')).toBe('#NPF rmp.hypervisor-owned');
    expect(play.entry).toMatchObject({ assigned: true, asid: 2, validated: false });
    const seen = play.bench.done({ type: 'guest.read', guest: 'alice', at: play.at, length: 16 });
    expect(seen.hex).toBe(toHex(play.bench.dram(play.bench.spaOf('alice', play.at), 16)));
  });

  it('does not know what lay in the page: bytes that were there before are taken', () => {
    const play = new Play();
    const spa = play.bench.spaOf('alice', play.at);
    const old = asData(play.bench.dram(spa, 16));
    play.to('shared', false);
    play.bench.done({ type: 'host.write', at: spa, data: old });
    expect(play.to('private', false)).toBeNull();
    expect(play.read()).toBe('sixteen letters.');
  });

  it('a page that another guest has is not Alice’s, wherever Xen maps it', () => {
    const play = new Play();
    const at = Number(play.bench.done({ type: 'guest.write', guest: 'carol', data: 'of carol' }).at);
    const to = play.bench.spaOf('carol', at);
    play.bench.done({ type: 'host.remap', guest: 'alice', gpa: play.gpa, to });
    const again = { type: 'guest.pvalidate', guest: 'alice', at: play.at };
    expect(play.bench.refused(again)).toBe('rmp.guest-owned');
    expect(play.bench.refused({ type: 'guest.read', guest: 'alice', at: play.at })).toBe('rmp.guest-owned');
  });

  it('a page for two addresses answers at one', () => {
    const play = new Play();
    const to = play.bench.spaOf('alice', play.at);
    const other = Number(play.bench.done({ type: 'guest.write', guest: 'alice', data: 'another' }).at);
    play.bench.done({ type: 'host.remap', guest: 'alice', gpa: other - GUEST_BASE, to });
    expect(play.bench.refused({ type: 'guest.read', guest: 'alice', at: other })).toBe('rmp.reverse-map');
    expect(play.read()).toBe('sixteen letters.');
    expect(play.gpa % PAGE_SIZE).toBe(0);
  });
});
