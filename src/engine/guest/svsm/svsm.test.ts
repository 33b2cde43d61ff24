import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { toHex } from '../../core/bytes';
import { OWNER_GUEST } from '../../core/page';
import { readVmsa } from '../../cpu/vmsa';
import { readVmsaField, writeVmsaField } from '../../cpu/vmsaFields';
import { cachedUpdate } from '../../memory/fill';
import { permissionsOf } from '../../rmp/permissions';
import { authoritative } from '../../rmp/table';
import { brokenTable } from '../../rmp/testing/invariants';
import { Bench } from '../../testing/bench';
import { broken } from '../../testing/invariants';
import { KERNEL_MAY } from './permissions';

/** Alice with SNP and a monitor above her kernel. */
function alice(extra = '', machine = {}) {
  const bench = new Bench({ technology: 'sev-snp', generation: 'turin', ...machine });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `memory=1 svsm=1 ${extra}` });
  const os = () => bench.state.need('guest', 1);
  const monitor = os().monitor;
  if (!monitor) throw new Error('no monitor');
  const core = () => bench.state.need('core', bench.domain('alice').core);
  const permissions = (gva: number) => {
    const entry = authoritative(bench.machine, bench.spaOf('alice', gva));
    return [0, 1, 2, 3].map((vmpl) => (entry ? permissionsOf(entry, vmpl) : null));
  };
  return { bench, os, monitor, core, permissions };
}

const sound = ({ machine }: Bench) => [...broken(machine), ...brokenTable(machine)];
const svsm = (fields: object) => ({ type: 'guest.svsm', guest: 'alice', ...fields });
const fault = (outcome: ReturnType<Bench['perform']>) =>
  outcome.ok ? null : [outcome.fault.name, outcome.fault.rule.id];

describe('a monitor at VMPL0', () => {
  it('runs its kernel at VMPL2, which has all pages but the monitor’s', () => {
    const { bench, core, monitor, permissions } = alice();
    expect(core()).toMatchObject({ vmpl: 2, snp: true });
    expect(bench.state.need('vcpus', 1).vcpus[0]).toMatchObject({ vmpl: 2 });
    for (let at = monitor.own; at < monitor.own + monitor.ownLength; at += PAGE_SIZE)
      expect(permissions(at)).toEqual([0x1f, 0, 0, 0]);
    expect(permissions(GUEST_BASE)).toEqual([0x1f, 0, KERNEL_MAY, 0]);
    expect(permissions(monitor.vmsa)).toEqual([0x1f, 0, 1, 0]);
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'mine', name: 'note' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: Number(at), length: 4 })).toMatchObject({
      text: 'mine',
    });
    expect(sound(bench)).toEqual([]);
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect(sound(bench)).toEqual([]);
  });

  it.each(['read', 'write'])('keeps its pages from a %s of its kernel: #NPF with RMP, ENC and VMPL', (op) => {
    const { bench, monitor } = alice();
    const outcome = bench.perform({
      type: `guest.${op}`,
      guest: 'alice',
      at: monitor.own,
      ...(op === 'write' && { data: 'x' }),
    });
    expect(fault(outcome)).toEqual(['#NPF', 'rmp.vmpl']);
    const info = BigInt(Number(outcome.ok ? 0 : outcome.fault.inputs.exitInfo1));
    expect([31n, 34n, 35n, 36n].map((bit) => (info >> bit) & 1n)).toEqual([1n, 1n, 0n, 1n]);
  });

  it('accepts pages for its kernel, cleared; the kernel itself cannot', () => {
    const { bench, permissions } = alice();
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'a notice', name: 'notice' });
    const gva = Number(at);
    bench.done({ type: 'guest.convert', guest: 'alice', at: gva, to: 'shared' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: gva, length: 8 })).toMatchObject({
      text: 'a notice',
    });
    bench.done({ type: 'guest.convert', guest: 'alice', at: gva, to: 'private', keep: false });
    expect(permissions(gva)).toEqual([0x1f, 0, KERNEL_MAY, 0]);
    const { hex } = bench.done({ type: 'guest.read', guest: 'alice', at: gva, length: 8 });
    expect(hex).toBe('00'.repeat(8));
    bench.done(svsm({ call: 'give-up', at: gva }));
    expect(fault(bench.perform({ type: 'guest.read', guest: 'alice', at: gva }))?.[0]).toBe('shutdown');
    expect(sound(bench)).toEqual([]);
  });

  it('does nothing with its own pages, and tells when nothing changed', () => {
    const { bench, monitor, permissions } = alice();
    for (const at of [monitor.own, monitor.own + PAGE_SIZE, monitor.vmsa])
      expect(fault(bench.perform(svsm({ call: 'give-up', at })))?.[0]).toBe('SVSM_INVALID_ADDRESS');
    expect(permissions(monitor.own)).toEqual([0x1f, 0, 0, 0]);
    expect(fault(bench.perform(svsm({ call: 'accept', at: GUEST_BASE })))?.[0]).toBe(
      'SVSM_PVALIDATE_NOCHANGE',
    );
    expect(fault(bench.perform(svsm({ call: 'delete-vcpu', at: monitor.vmsa })))?.[0]).toBe(
      'SVSM_INVALID_ADDRESS',
    );
  });

  it('keeps a secret that it gives to nobody, and signs with it', () => {
    const { bench, monitor } = alice();
    expect(fault(bench.perform(svsm({ call: 'sign', data: 'a letter' })))?.[0]).toBe(
      'SVSM_INVALID_PARAMETER',
    );
    bench.done(svsm({ call: 'keep', data: 'a key of Alice’s' }));
    const left = { type: 'guest.read', guest: 'alice', at: monitor.area + 0x100, length: 16 };
    expect(bench.done(left).hex).toBe('00'.repeat(16));
    const { signature } = bench.done(svsm({ call: 'sign', data: 'a letter' }));
    const text = (word: string) => new TextEncoder().encode(word);
    expect(signature).toBe(toHex(hmac(sha256, text('a key of Alice’s'), text('a letter'))));
  });

  it('makes a VMSA for another vCPU, which starts at VMPL2; the kernel cannot write it then', () => {
    const { bench } = alice('vcpus=2');
    bench.done({ type: 'guest.program', guest: 'alice', text: 'mov eax, 7\nhlt' });
    bench.done(svsm({ call: 'create-vcpu', vcpu: 1 }));
    expect(bench.state.need('vcpus', 1).vcpus[1]).toMatchObject({ vmpl: 2, state: 'runs' });
    expect(bench.done({ type: 'guest.continue', guest: 'alice', vcpu: 1 })).toMatchObject({ stopped: 'HLT' });
    const gpa = bench.state.need('vcpus', 1).vcpus[1]?.levels?.find(({ vmpl }) => vmpl === 2)?.gpa ?? 0;
    expect(
      fault(bench.perform({ type: 'guest.write', guest: 'alice', at: GUEST_BASE + gpa + 0x3b0, data: 'x' })),
    ).toEqual(['#NPF', 'rmp.vmpl']);
    expect(sound(bench)).toEqual([]);
  });

  it('refuses a VMSA for a level above its kernel', () => {
    const { bench } = alice('vcpus=2');
    const outcome = bench.perform({
      type: 'guest.create-vmsa',
      guest: 'alice',
      vcpu: 1,
      vmpl: 3,
      at: GUEST_BASE,
    });
    expect(fault(outcome)?.[0]).toBe('SVSM_INVALID_PARAMETER');
  });

  it('that nobody has called gives the vCPU back', () => {
    const { bench, core } = alice();
    expect(bench.done({ type: 'guest.run-vmpl', guest: 'alice', vmpl: 0 })).toEqual({ vmpl: 2 });
    expect(core().vmpl).toBe(2);
  });

  it('hides the keys of other levels from the secrets page of its kernel', () => {
    const { bench, os } = alice();
    const at = os().objects.find(({ name }) => name === 'secrets')?.address ?? 0;
    const { hex } = bench.done({ type: 'guest.read', guest: 'alice', at: at + 0x20, length: 128 });
    const keys = [0, 1, 2, 3].map((level) => String(hex).slice(level * 64, level * 64 + 64));
    expect(keys.map((key) => /^0*$/.test(key))).toEqual([true, true, false, true]);
  });

  it('serves memory that comes later, and that the RMP has in 2 MiB', () => {
    const { bench, permissions } = alice();
    const before = bench.domain('alice').memory;
    bench.done({ type: 'guest.grow', guest: 'alice', memory: 2 ** 20 });
    expect(permissions(GUEST_BASE + before)).toEqual([0x1f, 0, KERNEL_MAY, 0]);
    const large = alice('memory=64', { memory: 2 ** 28 });
    expect(large.permissions(GUEST_BASE + 2 ** 25)).toEqual([0x1f, 0, KERNEL_MAY, 0]);
    expect(sound(large.bench)).toEqual([]);
  });

  it('needs an SNP guest', () => {
    const bench = new Bench({ technology: 'sev-es' });
    expect(bench.refused({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 svsm=1' })).toBe(
      'xl.svsm',
    );
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    expect(bench.refused(svsm({ call: 'keep', data: 'x' }))).toBe('svsm.none');
  });
});

it('answers in the kernel’s VMSA also where the kernel’s registers are stored behind a nonce', () => {
  const { bench, monitor, permissions } = alice();
  const { asid, id } = bench.domain('alice');
  const spa = bench.spaOf('alice', monitor.vmsa);
  const vmsa = () => readVmsa(bench.machine, 0, spa, asid);
  const after = vmsa().slice();
  writeVmsaField(after, 'sevFeatures', readVmsaField(after, 'sevFeatures') | 0x4000n);
  cachedUpdate(bench.machine, 0, spa, { before: vmsa(), after }, asid, OWNER_GUEST + id);
  const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'mine', name: 'note' });
  bench.done(svsm({ call: 'give-up', at: Number(at) }));
  expect(permissions(Number(at))[2]).toBe(0);
  bench.done(svsm({ call: 'accept', at: Number(at) }));
  expect(permissions(Number(at))[2]).toBe(KERNEL_MAY);
  expect(readVmsaField(vmsa(), 'regProtNonce')).not.toBe(0n);
  expect(fault(bench.perform(svsm({ call: 'accept', at: GUEST_BASE })))?.[0]).toBe('SVSM_PVALIDATE_NOCHANGE');
});
