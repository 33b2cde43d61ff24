import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { PAGE_SIZE } from '../core/address';
import { readU64, toHex } from '../core/bytes';
import { OWNER_GUEST, OWNER_HYPERVISOR, pageKey, pageOwner, pageStructure } from '../core/page';
import type { Platform } from '../core/platform';
import { readVmcb } from '../cpu/vmcb';
import { readVmsaField, readVmsaSegment, VMSA_FIELDS } from '../cpu/vmsaFields';
import { Bench } from '../testing/bench';
import { broken } from '../testing/invariants';
import { bootImage } from '../toolstack/image';
import { countFrames, frameAt } from './frames';
import { vmsaAt } from './vmsa';

const es = (part: PartialConfig = {}) => new Bench({ technology: 'sev-es', ...part });
const create = (more = '', file = 'alice.cfg') => ({
  type: 'xl.create',
  config: file,
  extra: `memory=1 ${more}`,
});
const CMDLINE = 'console=hvc0 swiotlb=force';
/** A MiB is mapped with four pages of tables; the kernel lies behind them. */
const ENTRY = 5 * PAGE_SIZE;

/** The VMSA of a vCPU under the guest’s key, as memory holds it. */
function vmsaOf(p: Platform, id: number, vcpu: number): Uint8Array {
  const { vmsas, asid } = p.state.need('domain', id);
  const [stored, cipher] = [p.state.dram.read(vmsas[vcpu] ?? 0, PAGE_SIZE), p.cipher(asid)];
  if (!cipher) throw new Error('no key is loaded');
  return cipher.decrypt(vmsas[vcpu] ?? 0, stored);
}

const word = (bench: Bench, spa: number): number => bench.state.pages.get(spa / PAGE_SIZE);
const field = (bench: Bench, vcpu: number, name: Parameters<typeof readVmcb>[3]): bigint =>
  readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[vcpu] ?? 0, name);

describe('a guest with SEV-ES', () => {
  it('has a VMSA page for each vCPU, which the VMCB names without C-bit', () => {
    const bench = es({ sme: 'full' });
    bench.done({ ...create('vcpus=3'), paused: true });
    const { vmsas, vmcbs, asid, id } = bench.domain('alice');
    expect(asid).toBe(2);
    expect(vmsas).toHaveLength(3);
    for (const [vcpu, vmsa] of vmsas.entries()) {
      expect(vmcbs).not.toContain(vmsa);
      expect(field(bench, vcpu, 'vmsa')).toBe(BigInt(vmsa));
      expect(field(bench, vcpu, 'nestedControl')).toBe(7n);
      expect(field(bench, vcpu, 'lbrControl')).toBe(1n);
      expect(pageOwner(word(bench, vmsa))).toBe(OWNER_GUEST + id);
      expect(pageStructure(word(bench, vmsa))).toBe(true);
    }
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('has its registers encrypted with its own key, as Xen laid them out, with a checksum for each', () => {
    const bench = es();
    bench.done({ ...create('vcpus=2'), paused: true });
    bench.done({ type: 'xl.unpause', guest: 'alice' });
    bench.done({ type: 'xl.pause', guest: 'alice' });
    const second = vmsaOf(bench.machine, 1, 1);
    const pointer = VMSA_FIELDS.checksumPointer.offset;
    expect(readU64(second, pointer)).toBe(BigInt(bench.state.need('platform').tmr?.address ?? 0) + 0x80008n);
    second.fill(0, pointer, pointer + 8);
    expect(toHex(second)).toBe(toHex(vmsaAt(ENTRY + 0x800)));
    const { vmsas, asid } = bench.domain('alice');
    expect(pageKey(word(bench, vmsas[1] ?? 0))).toBe(2 + asid);
    expect(toHex(bench.dram(vmsas[1] ?? 0, PAGE_SIZE))).not.toContain(toHex(second.subarray(0x140, 0x180)));
    expect(bench.state.need('handle', 1)).toMatchObject({
      es: true,
      vcpus: 2,
      blocks: [0, 1],
      state: 'RUNNING',
    });
  });

  it('starts where its image says, flat and with paging off', () => {
    const page = vmsaAt(ENTRY);
    const values = [
      'rip',
      'rflags',
      'cr0',
      'cr4',
      'efer',
      'dr6',
      'dr7',
      'gPat',
      'xcr0',
      'mxcsr',
      'x87Fcw',
    ] as const;
    expect(values.map((name) => readVmsaField(page, name))).toEqual([
      0x5000n,
      2n,
      1n,
      0n,
      0x1000n,
      0xffff0ff0n,
      0x400n,
      0x0007_0406_0007_0406n,
      1n,
      0x1f80n,
      0x37fn,
    ]);
    expect(readVmsaSegment(page, 'cs', 'attributes')).toBe(0xc9bn);
    expect(readVmsaSegment(page, 'ss', 'limit')).toBe(0xffff_ffffn);
  });

  it('is measured with them, behind what was loaded', () => {
    const bench = es();
    bench.done(create('vcpus=2'));
    const loaded = bootImage(CMDLINE, false).map(({ bytes }) => bytes);
    const digest = sha256(concatBytes(...loaded, vmsaAt(ENTRY), vmsaAt(ENTRY + 0x800)));
    expect(bench.state.need('handle', 1).launchDigest).toBe(toHex(digest));
  });

  it('is measured differently when Xen lets it start somewhere else', () => {
    const digest = (entry: number) => {
      const bench = es();
      bench.done({ ...create(), paused: true });
      bench.done({ type: 'host.vmcb', guest: 'alice', field: 'rip', value: entry });
      bench.perform({ type: 'xl.unpause', guest: 'alice' });
      return bench.state.need('handle', 1).launchDigest;
    };
    expect(digest(ENTRY)).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(ENTRY + 0x100)).not.toBe(digest(ENTRY));
  });

  it('runs, and writes what nobody else can read', () => {
    const bench = es();
    bench.done(create());
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'balance=1000 EUR' });
    const spa = bench.spaOf('alice', Number(at));
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: Number(at), length: 16 }).text).toBe(
      'balance=1000 EUR',
    );
    expect(bench.keysOf(spa, new TextEncoder().encode('balance=1000 EUR'))).toEqual([2]);
  });

  it('does not run on with a VMSA that somebody else wrote', () => {
    const bench = es();
    bench.done(create());
    bench.done({ type: 'xl.pause', guest: 'alice' });
    bench.done({ type: 'host.write', at: (bench.domain('alice').vmsas[0] ?? 0) + 0x170, data: 'hex:0202' });
    bench.done({ type: 'xl.unpause', guest: 'alice' });
    expect(bench.refused({ type: 'guest.write', guest: 'alice', data: 'too late' })).toBe(
      'vmrun.vmsa-checksum',
    );
  });

  it('is destroyed with its pages and checksums', () => {
    const bench = es();
    const before = bench.state.need('xen');
    bench.done(create('vcpus=3'));
    const { vmsas } = bench.domain('alice');
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    const after = bench.state.need('xen');
    expect(countFrames(after.heap)).toBe(countFrames(before.heap));
    expect(countFrames(after.free)).toBe(countFrames(before.free));
    expect(bench.state.need('platform').tmr?.blocks).toEqual([]);
    for (const vmsa of vmsas) {
      expect(pageOwner(word(bench, vmsa))).toBe(OWNER_HYPERVISOR);
      expect(pageStructure(word(bench, vmsa))).toBe(false);
    }
    expect([...broken(bench.machine)]).toEqual([]);
  });
});

describe('the kind of guest', () => {
  it('comes from the file: alice has SEV-ES and an ASID below EDX, bob has SEV and one from there on', () => {
    const bench = es();
    expect(bench.done(create())).toMatchObject({ asid: 2 });
    expect(bench.done(create('', 'bob.cfg'))).toMatchObject({ asid: 10 });
    expect(bench.domain('alice').policy).toBe(0x0f);
    expect(bench.domain('bob')).toMatchObject({ policy: 0x0b, vmsas: [] });
    expect(bench.done({ type: 'guest.write', guest: 'bob', data: 'both of us' })).toBeDefined();
  });

  it('is the best that there is where the file names none', () => {
    const text = 'name="x"\ntype="pvh"\nkernel="/boot/vmlinuz-sev"\nmemory=1\ncoco=1\n';
    const policy = (part: PartialConfig) => {
      const bench = new Bench(part);
      bench.done({ type: 'dom0.file', name: 'x.cfg', text });
      bench.done({ type: 'xl.create', config: 'x.cfg' });
      return bench.domain('x').policy;
    };
    expect(policy({ technology: 'sev-es' })).toBe(0x0f);
    expect(policy({ technology: 'sev-es', xen: 'branch-coco' })).toBe(0x0f);
    expect(policy({ technology: 'sev' })).toBe(0x0b);
    expect(policy({ technology: 'sev-es', xen: 'rfc-2025-05' })).toBe(0);
  });

  it('is chosen by the policy in the branch', () => {
    const bench = es({ xen: 'branch-coco' });
    bench.done(create());
    bench.done(create('', 'bob.cfg'));
    expect([bench.domain('alice').asid, bench.domain('bob').asid]).toEqual([2, 10]);
  });

  it('has as many ASIDs as Xen leaves it: eight with SEV-ES, and the ninth guest is refused', () => {
    const bench = es();
    const asids = Array.from({ length: 8 }, (_, n) => bench.done(create(`name="g${n}"`)).asid);
    expect(asids).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const ninth = bench.perform(create('name="g8"'));
    expect(ninth).toMatchObject({ ok: false, fault: { name: 'ENOSPC', rule: { id: 'domain.no-asid' } } });
    expect(bench.done(create('name="plain"', 'bob.cfg')).asid).toBe(10);
    bench.done({ type: 'xl.destroy', guest: 'g3' });
    expect(bench.done(create('name="g9"')).asid).toBe(5);
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('is refused where the platform was started without it, by whoever finds out first', () => {
    const bench = new Bench();
    const wanted = create('sev_type="sev-es"');
    expect(bench.refused(wanted)).toBe('domain.no-asid');
    bench.done({ type: 'machine.cpuid', ecx: 509, edx: 10 });
    expect(bench.refused(wanted)).toBe('asp.es-off');
    expect(es().refused(create('sev_policy=0x0b'))).toBe('libxl.libxl__domain_config_setdefault');
    expect([...broken(bench.machine)]).toEqual([]);
  });
});

describe('the owner of a guest with SEV-ES', () => {
  const session = { type: 'owner.session', config: 'alice.cfg', extra: 'memory=1 vcpus=2' };
  const check = { type: 'owner.check', guest: 'alice' };
  const launched = (more = '') => {
    const bench = es();
    bench.done(session);
    bench.done({ ...create(`vcpus=2 ${more}`), session: true });
    return bench;
  };

  it('knows the measurement beforehand, and the guest gets its secret', () => {
    const bench = launched();
    expect(bench.domain('alice').policy).toBe(0x0f);
    expect(bench.done(check)).toMatchObject({ right: true });
    bench.done({ type: 'owner.secret', guest: 'alice', data: 'disk key 8812-4f' });
    bench.done({ type: 'xl.unpause', guest: 'alice' });
    const read = { type: 'guest.read', guest: 'alice', at: 0x7f0000000800, length: 16 };
    expect(bench.done(read).text).toBe('disk key 8812-4f');
  });

  it('finds out that it was started with another number of vCPUs, or with more memory', () => {
    for (const more of ['vcpus=1', 'memory=3'])
      expect(launched(more).done(check), more).toMatchObject({ right: false });
  });
});

describe('live migration with SEV-ES', () => {
  it('takes the registers along as packets, and both hosts’ checksums fit', () => {
    const bench = es();
    bench.done(create('vcpus=2 sev_policy=5'));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'balance=1000 EUR' });
    bench.done({ type: 'xl.pause', guest: 'alice' });
    const parked = { state: 'waits', startup: null, tpr: 0, destination: 1 } as const;
    bench.machine.trace.set('vcpus', 1, { vcpus: [parked, parked], jumpTable: 0x3000, lies: [] });
    const talk = { ghcb: field(bench, 0, 'ghcb'), vcpus: bench.state.cell('vcpus', 1) };
    const before = [0, 1].map((vcpu) => vmsaOf(bench.machine, 1, vcpu));
    bench.done({ type: 'xl.unpause', guest: 'alice' });
    bench.done({ type: 'xl.migrate', guest: 'alice' });
    const far = bench.machine.far();
    const there = far.state.need('domain', 1);
    expect(far.state.need('handle', there.handle ?? 0)).toMatchObject({
      es: true,
      vcpus: 2,
      state: 'RUNNING',
    });
    expect(there.asid).toBe(2);
    const ghcb = readVmcb(far, 0, there.vmcbs[0] ?? 0, 'ghcb');
    expect({ ghcb, vcpus: far.state.cell('vcpus', 1) }).toEqual(talk);
    const after = [0, 1].map((vcpu) => vmsaOf(far, 1, vcpu));
    const pointer = VMSA_FIELDS.checksumPointer.offset;
    for (const page of [...before, ...after]) page.fill(0, pointer, pointer + 8);
    expect(after.map(toHex)).toEqual(before.map(toHex));
    expect(bench.state.need('platform').tmr?.blocks).toEqual([]);
    const spa = (frameAt(there.frames, Math.floor((Number(at) % 2 ** 30) / PAGE_SIZE)) ?? 0) * PAGE_SIZE;
    expect(toHex(far.state.dram.read(spa, 16))).not.toBe(toHex(new TextEncoder().encode('balance=1000 EUR')));
    expect([...broken(bench.machine), ...broken(far)]).toEqual([]);
  });

  it('is refused by a host that was started without SEV-ES, and the guest goes on here', () => {
    const bench = es();
    bench.done(create('sev_policy=5'));
    const far = bench.machine.far();
    far.trace.set('platform', 0, { ...far.state.need('platform'), es: false });
    expect(bench.refused({ type: 'xl.migrate', guest: 'alice' })).toBe('asp.es-off');
    bench.done({ type: 'guest.write', guest: 'alice', data: 'still here' });
    expect([...broken(bench.machine), ...broken(far)]).toEqual([]);
  });
});
