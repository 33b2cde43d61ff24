import { PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { RESET_REGISTERS } from '../../core/registers';
import { MODE_REGISTERS, NP_ENABLE, SEV_ENABLE, type VmcbField, writeVmcb } from '../../cpu/vmcb';
import { interceptUsual } from '../exits/defaults';
import { FIRST_EXTENDED, writeExtended } from '../extended';
import { takenSince } from '../frames';
import { hasVmsas } from '../kind';
import { nestedCr3 } from '../nested';
import { newTable } from '../tables';
import { call, chain } from '../trail';
import { addVmsa } from './vmsas';

/** XEN_DOMCTL_max_vcpus: the domain's vCPUs, each with its control block. */
export const makeVcpus = (p: Platform, id: number, count: number): Outcome<null> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_max_vcpus'],
      ['xen', 'do_domctl'],
    ],
    { id, count },
    () => {
      for (let vcpu = 0; vcpu < count; vcpu++) {
        const made = chain(
          p,
          [
            ['xen', 'vcpu_create'],
            ['xen', 'arch_vcpu_create'],
            ['xen', 'hvm_vcpu_initialise'],
            ['svm', 'svm_vcpu_initialise'],
            ['svm', 'svm_create_vmcb'],
          ],
          { id, vcpu },
          () => createVmcb(p, id),
        );
        if (!made.ok) return made;
      }
      return DONE;
    },
  );

function createVmcb(p: Platform, id: number): Outcome<null> {
  const { heap } = p.state.need('xen');
  const page = newTable(p);
  const registers = page.ok ? newTable(p) : page;
  const domain = p.state.need('domain', id);
  p.trace.patch('domain', id, { tableFrames: [...domain.tableFrames, ...takenSince(p, heap)] });
  if (!page.ok) return page;
  if (!registers.ok) return registers;
  p.trace.patch('domain', id, {
    vmcbs: [...domain.vmcbs, page.value],
    userRegs: [...domain.userRegs, registers.value],
  });
  if (!hasVmsas(domain)) writeExtended(p, COMPLEX_OF_XEN, registers.value, FIRST_EXTENDED);
  const filled = call(p, 'svm', 'construct_vmcb', { vmcb: page.value }, () => fillVmcb(p, id, page.value));
  return filled.ok && hasVmsas(domain) ? addVmsa(p, id, page.value) : filled;
}

/** NP_CONTROL with the SEV bit (VMCB 0x90) and the domain's ASID (0x58) are what proposals add here. */
function fillVmcb(p: Platform, id: number, vmcb: number): Outcome<null> {
  const domain = p.state.need('domain', id);
  const write = (field: VmcbField, value: bigint) =>
    writeVmcb(p, COMPLEX_OF_XEN, vmcb, field, value, OWNER_HYPERVISOR);
  write('asid', BigInt(domain.asid));
  write('tlbControl', FLUSH_ASID);
  write('nestedControl', NP_ENABLE | (domain.sev ? SEV_ENABLE : 0n));
  write('nestedCr3', BigInt(nestedCr3(p, domain)));
  for (const field of ['efer', 'cr0', 'cr4'] as const) write(field, MODE_REGISTERS.off[field]);
  for (const field of ['rflags', 'dr6', 'dr7'] as const) write(field, RESET_REGISTERS[field]);
  interceptUsual(p, vmcb);
  p.trace.page(vmcb / PAGE_SIZE, { structure: true });
  return DONE;
}

const COMPLEX_OF_XEN = 0;
/** VMCB TLB_CONTROL: a new vCPU’s translations start from nothing (APM vol. 2 §15.16.2). */
const FLUSH_ASID = 3n;
