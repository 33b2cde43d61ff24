import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../engine/core/address';
import { Bench } from '../../engine/testing/bench';
import { sensibleFields } from './firmware/parameters';
import { pageView } from './page';
import { xlReading } from './xlReading';

const running = () => {
  const bench = new Bench({ technology: 'sev-es' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 vcpus=2' });
  return bench;
};
const use = (bench: Bench, spa: number) => {
  const { owner, use, region } = pageView(bench.machine, Math.floor(spa / PAGE_SIZE), []);
  return [owner, use, region];
};

describe('a machine with SEV-ES', () => {
  it('says of each page what is kept there', () => {
    const bench = running();
    const { vmcbs, vmsas, userRegs } = bench.domain('alice');
    expect(use(bench, vmsas[0] ?? 0)).toEqual(['alice', 'VMSA of Alice', 'DRAM']);
    expect(use(bench, vmsas[1] ?? 0)[1]).toBe('VMSA of Alice, vCPU 1');
    expect(use(bench, vmcbs[1] ?? 0)).toEqual(['xen', 'VMCB of Alice, vCPU 1', 'DRAM']);
    expect(use(bench, userRegs[0] ?? 0)[1]).toBe('general registers, as Xen holds them, of Alice');
    const checksums = ['secure processor', 'where the secure processor keeps checksums of VMSAs'];
    const region = bench.state.need('driver').region ?? 0;
    expect(use(bench, region)).toEqual([...checksums, 'trusted memory region']);
    expect(use(bench, region - PAGE_SIZE)[1]).toBe('free');
  });

  it('tells what a file asks for before anybody creates the guest', () => {
    const guest = (more: string, technology: 'sev' | 'sev-es' = 'sev-es') => {
      const text = `name="x"\ntype="pvh"\nkernel="/boot/vmlinuz-sev"\n${more}\n`;
      const { encrypted, es } = xlReading(new Bench({ technology }).machine, text).guest ?? {};
      return [encrypted, es];
    };
    expect(guest('coco=1')).toEqual([true, true]);
    expect(guest('coco=1\nsev_type="sev"')).toEqual([true, false]);
    expect(guest('coco=1', 'sev')).toEqual([true, false]);
    expect(guest('coco=1\nsev_policy=4', 'sev')).toEqual([true, true]);
    expect(guest('coco=0\nsev_type="sev-es"')).toEqual([false, false]);
  });

  it('suggests the guest’s VMSA to commands about one, and to INIT what Xen’s driver sent', () => {
    const bench = running();
    const [vmsa] = bench.domain('alice').vmsas;
    expect(sensibleFields(bench.machine, 'SEND_UPDATE_VMSA', 1).GUEST_PADDR).toBe(BigInt(vmsa ?? 0));
    const region = bench.state.need('driver').region;
    const init = { FLAGS: 1, TMR_PADDR: region, TMR_LENGTH: 0x100000 };
    expect(sensibleFields(bench.machine, 'INIT', 1)).toEqual(init);
    expect(sensibleFields(new Bench().machine, 'INIT', 1)).toEqual({});
  });
});
