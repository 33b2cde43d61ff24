import type { Generation } from '../core/config';

/** CPUID Fn0000_0001[EAX] of each generation’s part: family, model and stepping (InstLatx64, names of the AuthenticAMD files). */
export const PROCESSOR_SIGNATURES: Readonly<Record<Generation, number>> = {
  naples: 0x00800f12,
  rome: 0x00830f10,
  milan: 0x00a00f11,
  genoa: 0x00a10f11,
  turin: 0x00b00f21,
};
