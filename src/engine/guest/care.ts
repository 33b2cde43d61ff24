import type { DomainCell } from '../core/cells';
import type { Outcome, Rule } from '../core/fault';
import { ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { commandLine } from './startInfo';

/** What the command line says of a kernel’s care against events from outside, where its #VC handler trusts answers. */
export const CARE_RULES = {
  ia32: {
    id: 'guest.no-ia32',
    says: 'With ia32_emulation=off a kernel has no system calls of 32 bits: vector 0x80 does nothing.',
    source:
      'Linux Documentation/admin-guide/kernel-parameters.txt (ia32_emulation); off for confidential guests since commit b82a8dbd3d2f',
    standing: 'published',
  },
  opcodes: {
    id: 'guest.vc-opcodes',
    says: 'A kernel from Linux 6.9 on compares the exit code of each #VC with the instruction at RIP.',
    source:
      'Linux commit e3ef461af35a; modelled: vc_opcodes=check stands for the newer kernel, there is no such word',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

interface Care {
  /** It has no system calls of 32 bits. */
  readonly noIa32: boolean;
  /** Its handler of #VC checks exit codes against instructions. */
  readonly opcodes: boolean;
}

const IA32 = /(?:^|\s)ia32_emulation=(?:0|off|n|no)(?=\s|$)/;
const OPCODES = /(?:^|\s)vc_opcodes=check(?=\s|$)/;

/** Reads it where the kernel finds it: the vCPU is in the guest. */
export function careOf(p: Platform, domain: DomainCell): Outcome<Care> {
  const words = commandLine(p, domain);
  return words.ok ? ok({ noIa32: IA32.test(words.value), opcodes: OPCODES.test(words.value) }) : words;
}
