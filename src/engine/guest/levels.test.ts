import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { readVmsa } from '../cpu/vmsa';
import { readVmsaField } from '../cpu/vmsaFields';
import { authoritative } from '../rmp/table';
import { brokenTable } from '../rmp/testing/invariants';
import { Bench } from '../testing/bench';
import { broken } from '../testing/invariants';
import { vmsaOf } from '../xen/levels';

const PAGES = 256;
const grants = { read: true, write: true, user: true, supervisor: true };

/** Alice with SNP and 1 MiB; whether VMPL2 gets all of her private pages. */
function alice({ granted = true, vcpus = 1 } = {}) {
  const bench = new Bench({ technology: 'sev-snp', generation: 'turin' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `memory=1 vcpus=${vcpus}` });
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'a letter', name: 'letter' }).at);
  const { shared } = bench.state.need('guest', 1);
  for (let page = 0; granted && page < PAGES; page++)
    if (!shared.includes(page))
      bench.done({
        type: 'guest.rmpadjust',
        guest: 'alice',
        at: GUEST_BASE + page * PAGE_SIZE,
        vmpl: 2,
        ...grants,
      });
  const core = () => bench.state.need('core', bench.domain('alice').core);
  return { bench, at, core };
}

const create = (fields: object) => ({ type: 'guest.create-vmsa', guest: 'alice', ...fields });
const run = (vmpl: number) => ({ type: 'guest.run-vmpl', guest: 'alice', vmpl });
const sound = ({ machine }: Bench) => [...broken(machine), ...brokenTable(machine)];

describe('VMSAs of an SNP guest', () => {
  it('a second vCPU starts from a page that the kernel has made one', () => {
    const { bench } = alice({ granted: false, vcpus: 2 });
    bench.done({ type: 'guest.program', guest: 'alice', text: 'mov eax, 7\nhlt' });
    const { at } = bench.done({ type: 'guest.start-ap', guest: 'alice', vcpu: 1 });
    const domain = bench.domain('alice');
    const spa = vmsaOf(bench.machine, domain, 1) ?? 0;
    expect(spa).not.toBe(domain.vmsas[1]);
    expect(authoritative(bench.machine, spa)).toMatchObject({ vmsa: true, validated: true });
    expect(readVmsaField(readVmsa(bench.machine, 0, spa, domain.asid), 'rip')).toBe(BigInt(Number(at)));
    expect(bench.done({ type: 'guest.continue', guest: 'alice', vcpu: 1 })).toMatchObject({ stopped: 'HLT' });
    expect(sound(bench)).toEqual([]);
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect(sound(bench)).toEqual([]);
  });

  it('one for VMPL2 of the same vCPU runs when it is asked for, and VMPL0 again after it', () => {
    const { bench, at, core } = alice();
    expect(bench.refused(run(2))).toBe('guest.level-not-run');
    bench.done(create({ vmpl: 2 }));
    expect(core().vmpl).toBe(0);
    bench.done(run(2));
    expect(core().vmpl).toBe(2);
    expect(bench.state.need('vcpus', 1).vcpus[0]).toMatchObject({ vmpl: 2, state: 'runs' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 8 })).toMatchObject({
      text: 'a letter',
    });
    bench.done(run(0));
    expect(core().vmpl).toBe(0);
    bench.done(run(2));
    expect(sound(bench)).toEqual([]);
  });

  it('VMPL2 without permissions finds not even its page tables', () => {
    const { bench, at } = alice({ granted: false });
    bench.done(create({ vmpl: 2 }));
    bench.done(run(2));
    const outcome = bench.perform({ type: 'guest.read', guest: 'alice', at });
    expect(outcome.ok ? null : outcome.fault).toMatchObject({
      name: '#NPF',
      rule: { id: 'rmp.vmpl' },
    });
    const exitInfo1 = BigInt(Number(outcome.ok ? 0 : outcome.fault.inputs.exitInfo1));
    expect([31n, 33n, 34n, 36n].map((bit) => (exitInfo1 >> bit) & 1n)).toEqual([1n, 1n, 1n, 1n]);
  });

  it('forgets a VMSA: the vCPU waits, and VMRUN has nothing to load', () => {
    const { bench } = alice({ granted: false, vcpus: 2 });
    bench.done({ type: 'guest.program', guest: 'alice', text: 'hlt' });
    bench.done({ type: 'guest.start-ap', guest: 'alice', vcpu: 1 });
    bench.done(create({ vcpu: 1, vmpl: 0, how: 'destroy' }));
    expect(bench.state.need('vcpus', 1).vcpus[1]).toMatchObject({ state: 'waits', levels: [] });
    expect(bench.refused({ type: 'guest.step', guest: 'alice', vcpu: 1 })).toBe('guest.no-vcpu');
  });

  it('on INIT a vCPU takes the VMSA that was kept for it', () => {
    const { bench } = alice({ granted: false, vcpus: 2 });
    const { at } = bench.done({ type: 'guest.program', guest: 'alice', text: 'hlt' });
    bench.done(create({ vcpu: 1, vmpl: 0, how: 'on-init', at: Number(at) }));
    expect(bench.state.need('vcpus', 1).vcpus[1]).toMatchObject({ state: 'waits' });
    const init = `mov rbx, 0x7f00fee00000\nmov eax, 0x1000000\nmov [rbx + 0x310], eax\nmov eax, 0x4500\nmov [rbx + 0x300], eax\nhlt`;
    bench.done({ type: 'guest.program', guest: 'alice', text: init });
    bench.done({ type: 'guest.continue', guest: 'alice' });
    expect(bench.state.need('vcpus', 1).vcpus[1]).toMatchObject({ state: 'runs', vmpl: 0 });
  });
});

describe('a level below', () => {
  const below = () => {
    const made = alice();
    made.bench.done(create({ vmpl: 2 }));
    made.bench.done(run(2));
    return made;
  };

  it('cannot validate pages', () => {
    const { bench, at } = below();
    bench.done({
      type: 'guest.program',
      guest: 'alice',
      text: `mov rax, ${at}\nxor ecx, ecx\nxor edx, edx\npvalidate\nhlt`,
    });
    expect(bench.refused({ type: 'guest.continue', guest: 'alice' })).toBe('pvalidate.vmpl');
  });

  it.each([0, 1, 2])('cannot change what VMPL%d may do', (vmpl) => {
    const { bench, at } = below();
    const outcome = bench.perform({ type: 'guest.rmpadjust', guest: 'alice', at, vmpl, ...grants });
    expect(outcome.ok ? null : [outcome.fault.name, outcome.fault.rule.id]).toEqual([
      'FAIL_PERMISSION',
      'rmpadjust.lower',
    ]);
  });

  it('gives VMPL3 only what it has itself', () => {
    const { bench, at } = below();
    bench.done({ type: 'guest.rmpadjust', guest: 'alice', at, vmpl: 3, read: true });
    bench.done(run(0));
    bench.done({ type: 'guest.rmpadjust', guest: 'alice', at, vmpl: 2, read: true });
    bench.done(run(2));
    expect(
      bench.refused({ type: 'guest.rmpadjust', guest: 'alice', at, vmpl: 3, read: true, write: true }),
    ).toBe('rmpadjust.subset');
  });

  it('cannot make a VMSA: the bit is VMPL0’s, and Xen takes none for VMPL0 from it', () => {
    const { bench } = below();
    bench.done(create({ vmpl: 3 }));
    const outcome = bench.perform(run(3));
    expect(outcome.ok ? null : [outcome.fault.name, outcome.fault.rule.id]).toEqual([
      'VMEXIT_INVALID',
      'rmp.vmrun-snp-vmsa',
    ]);
    expect(below().bench.refused(create({ vmpl: 0 }))).toBe('guest.ap-creation-refused');
  });
});
