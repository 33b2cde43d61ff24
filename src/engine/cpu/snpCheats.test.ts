import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import type { Outcome } from '../core/fault';
import { rmpupdate } from '../rmp/instructions/rmpupdate';
import { packRecord, type RmpRecord } from '../rmp/record';
import { XEN } from '../rmp/testing/contexts';
import { asData, type Bench } from '../testing/bench';
import { accepted, setEntry, snpGuest } from '../testing/snp';
import { executePvalidate } from './rmpInstructions';

/** A hypervisor’s ways to deal with a private page of Alice, each with what comes of it (cpu-and-rmp.md C.5, E.8). */

const SHARED = fileURLToPath(new URL('../../../../shared/vectors/cpu.json', import.meta.url));
const there = existsSync(SHARED);
const vectors = (): Record<string, readonly Record<string, string>[]> =>
  JSON.parse(readFileSync(SHARED, 'utf8'));

/** A large page that nobody uses. */
const ELSEWHERE = 14 * 2 ** 21;

class Play {
  readonly bench: Bench = snpGuest();
  readonly at = Number(this.bench.done({ type: 'guest.write', guest: 'alice', data: 'sixteen letters.' }).at);
  readonly spa = this.bench.spaOf('alice', this.at);
  readonly gpa = this.at - GUEST_BASE;
  readonly asid = this.bench.domain('alice').asid;
  readonly core = this.bench.domain('alice').core;

  /** `allowed`, or the fault with the bits that the hypervisor is told. */
  end(outcome: Outcome<unknown>): string {
    if (outcome.ok) return 'allowed';
    const { name, inputs } = outcome.fault;
    if (name === '#PF') return inputs.errorCode === 0x8000_0003 ? '#PF(RMP)' : name;
    if (name === '#VC') return `#VC(0x${Number(inputs.errorCode).toString(16)})`;
    const enc = Math.floor(Number(inputs.exitInfo1) / 2 ** 34) % 2 === 1;
    return name === '#NPF' ? `#NPF(RMP${enc ? ',ENC' : ''})` : name;
  }

  update(spa: number, fields: Partial<RmpRecord>): void {
    const record = { gpa: 0, assigned: true, large: false, regionAssigned: false, immutable: false, asid: 0 };
    rmpupdate(this.bench.machine, { spa, state: packRecord({ ...record, ...fields }) }, XEN);
  }

  put(spa: number, data: string, c = '0'): string {
    return this.end(this.bench.perform({ type: 'host.write', at: spa, data, c }));
  }

  map(spa: number): void {
    this.bench.done({ type: 'host.remap', guest: 'alice', gpa: this.gpa, to: spa });
  }

  read(at = this.at): string {
    return this.end(this.bench.perform({ type: 'guest.read', guest: 'alice', at, length: 16 }));
  }

  /** Alice accepts the page at her address. */
  validate(large = false, at = this.at): string {
    this.bench.done({ type: 'host.vmrun', guest: 'alice', core: this.core });
    const ended = executePvalidate(this.bench.machine, this.core, { gva: at, large, validated: true });
    return ended.ok ? `EAX=${ended.value.eax} CF=${Number(ended.value.carry)}` : this.end(ended);
  }
}

const hostActions: Readonly<Record<string, (play: Play) => string>> = {
  'host read C=0': ({ bench, spa }) =>
    bench.done({ type: 'host.read', at: spa, length: 16, c: '0' }).hex === toHex(bench.dram(spa, 16))
      ? 'same, or 0xFF with ciphertext hiding'
      : 'other bytes',
  'host read C=1': ({ bench, spa }) =>
    bench.done({ type: 'host.read', at: spa, length: 16, c: '1' }).hex !== toHex(bench.dram(spa, 16))
      ? 'same'
      : 'ciphertext',
  'host write C=0': (play) => play.put(play.spa, 'lies'),
  'host write C=1': (play) => play.put(play.spa, 'lies', '1'),
  'replay saved ciphertext to same SPA': (play) => play.put(play.spa, asData(play.bench.dram(play.spa, 16))),
  'move ciphertext to another SPA': (play) =>
    play.put(play.bench.spaOf('alice', play.at) - PAGE_SIZE, asData(play.bench.dram(play.spa, 16))),
  'remap nested entry to another page of the same guest': (play) => {
    const other = Number(play.bench.done({ type: 'guest.write', guest: 'alice', data: 'another' }).at);
    play.map(play.bench.spaOf('alice', other));
    return `${play.read()} reverse-map`;
  },
  'map page of another guest': (play) => {
    setEntry(play.bench, ELSEWHERE, accepted(9, play.gpa));
    play.map(ELSEWHERE);
    return `${play.read()} guest-owned`;
  },
};

const cheats: Readonly<Record<string, (play: Play) => string>> = {
  'no RMPUPDATE': (play) => {
    play.update(play.spa, { assigned: false });
    return `PVALIDATE -> ${play.validate()}`;
  },
  'wrong GPA or ASID': (play) => {
    play.update(play.spa, { asid: play.asid, gpa: play.gpa + PAGE_SIZE });
    const first = play.validate();
    play.update(play.spa, { asid: play.asid + 1, gpa: play.gpa });
    expect(play.validate()).toBe(first);
    return `PVALIDATE -> ${first}`;
  },
  '4K entries for a 2M request': (play) => `PVALIDATE 2M -> ${play.validate(true, GUEST_BASE).split(' ')[0]}`,
  'page pre-filled with replayed ciphertext': (play) => {
    const old = asData(play.bench.dram(play.spa, 16));
    play.update(play.spa, { assigned: false });
    play.bench.machine.trace.set('syscfg', 0, { snpEn: false });
    expect(play.put(play.spa, old)).toBe('allowed');
    play.bench.machine.trace.set('syscfg', 0, { snpEn: true });
    play.update(play.spa, { asid: play.asid, gpa: play.gpa });
    expect(play.validate()).toBe('EAX=0 CF=0');
    expect(play.read()).toBe('allowed');
    return 'accepted; guest must initialise memory after validation';
  },
  'nested entry to SPA assigned to this GPA but never validated': (play) => {
    play.update(ELSEWHERE, { asid: play.asid, gpa: play.gpa });
    play.map(ELSEWHERE);
    return play.read();
  },
  'nested entry to any other SPA': (play) => {
    play.map(ELSEWHERE);
    return play.read();
  },
  'RMPUPDATE unassign': (play) => {
    play.update(play.spa, { assigned: false });
    return play.read();
  },
  'RMPUPDATE unassign then assign again same GPA': (play) => {
    play.update(play.spa, { assigned: false });
    play.update(play.spa, { asid: play.asid, gpa: play.gpa });
    return play.read();
  },
  'second SPA for same GPA, guest validates again': (play) => {
    play.update(ELSEWHERE, { asid: play.asid, gpa: play.gpa });
    play.map(ELSEWHERE);
    expect(play.validate()).toBe('EAX=0 CF=0');
    expect(play.read()).toBe('allowed');
    return 'undetected by hardware (CF=0); guest must never validate twice';
  },
  'second GPA for same SPA': (play) => {
    const other = Number(play.bench.done({ type: 'guest.write', guest: 'alice', data: 'another' }).at);
    const gpa = other - GUEST_BASE;
    play.bench.done({ type: 'host.remap', guest: 'alice', gpa, to: play.spa });
    return play.read(other);
  },
  'page left assigned': (play) => {
    play.bench.done({ type: 'guest.set-c', guest: 'alice', at: play.at, c: false });
    expect(play.read()).toBe('allowed');
    const written = play.bench.perform({ type: 'guest.write', guest: 'alice', at: play.at, data: 'shared' });
    return `guest write C=0 -> ${play.end(written)}; guest read C=0 -> allowed, undecrypted`;
  },
};

describe('a hypervisor and a private page', () => {
  it.each(['host write C=0', 'host write C=1', 'replay saved ciphertext to same SPA'])(
    '%s: #PF',
    (action) => {
      const play = new Play();
      const before = toHex(play.bench.dram(play.spa, 16));
      expect(hostActions[action]?.(play)).toBe('#PF(RMP)');
      expect(toHex(play.bench.dram(play.spa, 16))).toBe(before);
    },
  );

  it.each([
    ['RMPUPDATE unassign', '#NPF(RMP,ENC)'],
    ['RMPUPDATE unassign then assign again same GPA', '#VC(0x404)'],
    ['second GPA for same SPA', '#NPF(RMP,ENC)'],
  ])('%s: %s', (cheat, ends) => {
    expect(cheats[cheat]?.(new Play())).toBe(ends);
  });
});

describe.skipIf(!there)('row by row (skipped where the shared vectors are absent)', () => {
  it('hostActionsOnPrivatePage', () => {
    const rows = there ? (vectors().hostActionsOnPrivatePage ?? []) : [];
    expect(rows.length).toBe(Object.keys(hostActions).length);
    for (const { action = '', snp } of rows) expect(hostActions[action]?.(new Play()), action).toBe(snp);
  });

  it('pageStateChangeCheats', () => {
    const rows = there ? (vectors().pageStateChangeCheats ?? []) : [];
    expect(rows.length).toBe(Object.keys(cheats).length);
    for (const { cheat = '', result } of rows) expect(cheats[cheat]?.(new Play()), cheat).toBe(result);
  });
});
