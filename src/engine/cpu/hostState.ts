import { packRegisters, RESET_REGISTERS } from '../core/registers';

/**
 * What the registers of a core hold while the hypervisor runs: its own instruction and stack pointer, and nothing in the
 * others that a guest could care about (modelled values; APM vol. 2 §15.35.8 on what comes back at an exit).
 */
export const HOST_REGISTERS = packRegisters({
  ...RESET_REGISTERS,
  rip: 0xffff_82d0_4020_3e10n,
  rsp: 0xffff_83ff_ffff_ff70n,
  xcr0: 7n,
});
