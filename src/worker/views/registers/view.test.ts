import { beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../../engine/testing/bench';
import type { RegisterRow, SideView } from '../../registersProtocol';
import { registersView, sidesFor } from './view';

/** A guest with SEV-ES and one without, both stopped, so that everything is in memory. */
function bench(): Bench {
  const made = new Bench({ technology: 'sev-es' });
  for (const guest of ['bob', 'alice']) {
    made.done({ type: 'xl.create', config: `${guest}.cfg` });
    made.done({ type: 'xl.pause', guest });
  }
  return made;
}

const row = ({ rows }: SideView, name: string): RegisterRow => {
  const found = rows.find((each) => each.name === name);
  if (!found) throw new Error(`no row ${name}`);
  return found;
};

describe('registers by who can read them', () => {
  let sides: readonly SideView[];
  let machine: Bench;

  beforeAll(() => {
    machine = bench();
    sides = registersView(machine.machine, sidesFor(machine.machine, []), null).sides;
  });

  const side = (index: number): SideView => {
    const found = sides[index];
    if (!found) throw new Error(`no side ${index}`);
    return found;
  };

  test('the usual sides are a guest without SEV-ES and one with it', () => {
    expect(sides.map(({ guest, es }) => [guest, es])).toEqual([
      ['bob', false],
      ['alice', true],
    ]);
  });

  test('vCPUs that are not there are left out, and without any the usual ones are shown', () => {
    const [alice, erin] = [
      { guest: 'alice', vcpu: 0 },
      { guest: 'erin', vcpu: 0 },
    ];
    expect(sidesFor(machine.machine, [erin, alice])).toEqual([alice]);
    expect(sidesFor(machine.machine, [erin]).map(({ guest }) => guest)).toEqual(['bob', 'alice']);
    expect(sidesFor(machine.machine, [{ guest: 'bob', vcpu: 7 }])).toHaveLength(2);
  });

  test('without SEV-ES Xen finds every register of a stopped guest', () => {
    for (const { name, cells } of side(0).rows) {
      if (!cells.xen) continue;
      expect([name, cells.vcpu?.reach, cells.xen.reach]).toEqual([name, 'both', 'both']);
      expect(cells.xen.value).toBe(cells.vcpu?.value);
    }
  });

  test('with SEV-ES it finds none, and ciphertext in the VMSA', () => {
    for (const { name, cells } of side(1).rows) {
      if (name === 'ghcb') continue;
      expect([name, cells.vcpu?.reach]).toEqual([name, 'guest']);
      expect(cells.xen?.reach ?? 'hypervisor').toBe('hypervisor');
      expect(cells.vmsa?.reach).toBe('guest');
      expect(cells.sealed?.reach).toBe('nobody');
    }
  });

  test('the VMSA shows what VMRUN would load, and Xen’s bytes are those of the page without the C-bit', () => {
    const { cells } = row(side(1), 'rip');
    expect(cells.vmsa?.value).toBe(cells.vcpu?.value);
    const at = cells.sealed?.at ?? 0;
    expect(at % 4096).toBe(0x178);
    const seen = machine.seen({ eye: 'host', c: 0 }, at, 8);
    expect(cells.sealed?.value).toBe(Buffer.from(seen).toString('hex'));
  });

  test('what Xen finds of a guest with SEV-ES is left over and does not count', () => {
    expect(row(side(1), 'rax').cells.xen?.counts).toBe(false);
    expect(row(side(0), 'rax').cells.xen?.counts).toBe(true);
  });

  test('a guest that runs has its registers in its core, and Xen can still get at those without SEV-ES', () => {
    const running = bench();
    running.done({ type: 'xl.unpause', guest: 'bob' });
    running.done({ type: 'guest.read', guest: 'bob', at: 0x7f0000006000 });
    const [bob] = registersView(running.machine, [{ guest: 'bob', vcpu: 0 }], null).sides;
    expect(bob?.core).not.toBeNull();
    expect(bob && row(bob, 'rip').cells.vcpu?.reach).toBe('both');
  });
});

test('changes are told against a moment before', () => {
  const made = bench();
  const chosen = [{ guest: 'bob', vcpu: 0 }];
  const before = registersView(made.machine, chosen, null).sides;
  made.done({ type: 'host.vmcb', guest: 'bob', field: 'rax', value: 0x1234 });
  const [now] = registersView(made.machine, chosen, before).sides;
  const changed = now?.rows.filter(({ cells }) => Object.values(cells).some((cell) => cell?.changed));
  expect(changed?.map(({ name }) => name)).toEqual(['rax']);
});

test('a choice that is gone is left out, and a machine without guests has no sides', () => {
  const empty = new Bench({ technology: 'sev-es' });
  expect(registersView(empty.machine, [{ guest: 'alice', vcpu: 0 }], null)).toEqual({
    guests: [],
    sides: [],
  });
});

test('with VmsaRegProt the VMSA shows what lies there, and the vCPU with what it will go on', () => {
  const made = new Bench({ technology: 'sev-snp', generation: 'genoa' });
  made.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 sev_features=0x4000' });
  made.done({ type: 'guest.program', guest: 'alice', text: 'mov rax, 0x1111\nhlt' });
  made.done({ type: 'guest.step', guest: 'alice' });
  made.done({ type: 'host.vmexit', core: made.domain('alice').core });
  const [alice] = registersView(made.machine, [{ guest: 'alice', vcpu: 0 }], null).sides;
  const cells = alice && row(alice, 'rax').cells;
  const nonce = BigInt(`0x${cells?.vmsa?.nonce}`);
  expect(nonce).not.toBe(0n);
  expect(BigInt(`0x${cells?.vmsa?.value}`)).toBe(0x1111n ^ nonce);
  expect(BigInt(`0x${cells?.vcpu?.value}`)).toBe(0x1111n);
  expect(alice && row(alice, 'cr3').cells.vmsa?.nonce).toBeUndefined();
});
