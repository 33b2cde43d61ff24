import { PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { EXIT } from '../../cpu/exits';
import {
  decodeGhcbMsr,
  encodeGhcbMsr,
  GHCB_MSR,
  type GhcbMsrMessage,
  NO_GFN,
  TERMINATIONS,
} from '../../cpu/ghcb/msr';
import { writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { cpuid } from './cpuid';
import { ghcbGpa } from './ghcbPage';
import type { Left } from './left';
import { bent } from './lies';
import { changePageState, type PageStateWanted, PSC } from './pageState';
import { parkOrWake } from './park';
import { runByMessage } from './runVmpl';
import { terminated } from './terminate';
import { patchVcpus, vcpusOf } from './vcpus';
import { featuresFor, GHCB_VERSIONS } from './versions';

const PROTOCOL: Rule = {
  id: 'ghcb.msr-protocol',
  says: 'A value of the GHCB MSR with bits 11:0 set is a message in itself and needs no shared memory.',
  source: 'GHCB specification #56421 §2.3.1; Linux arch/x86/kvm/svm/sev.c (sev_handle_vmgexit_msr_protocol)',
  standing: 'published',
};

const UNKNOWN: Rule = {
  id: 'ghcb.msr-unknown',
  says: 'A message that the hypervisor does not know leaves the MSR as it is.',
  source: 'Linux arch/x86/kvm/svm/sev.c (sev_handle_vmgexit_msr_protocol)',
  standing: 'published',
};

const REGISTERS = ['rax', 'rbx', 'rcx', 'rdx'] as const;

/** The first value of the MSR after a vCPU’s reset: a guest may read it before it asks. */
export const sevInfo = (p: Platform): bigint =>
  encodeGhcbMsr('sevInfo', {
    maxVersion: GHCB_VERSIONS.max,
    minVersion: GHCB_VERSIONS.min,
    cBit: featuresOf(p.state).cBit,
  });

/** VMGEXIT with a message in the MSR. */
export function handleMessage(p: Platform, left: Left): Outcome<null> {
  const raw = ghcbGpa(p, left);
  const message = decodeGhcbMsr(raw);
  p.trace.fact(
    'note',
    {
      what: 'GHCB MSR',
      value: `0x${raw.toString(16)}`,
      message: message.name ? GHCB_MSR[message.name].title : null,
    },
    PROTOCOL,
  );
  if (message.name === 'terminate') {
    const { set, reason } = message.values;
    return terminated(p, left, TERMINATIONS[set]?.[reason] ?? `set ${set}, reason ${reason}`);
  }
  if (message.name === 'runVmplRequest' && left.domain.snp) return runByMessage(p, left, message.values.vmpl);
  const answer = answerTo(p, left, message);
  if (answer === null) {
    const title = message.name ? GHCB_MSR[message.name].title : `code 0x${message.code.toString(16)}`;
    return p.trace.refused(
      refuse(
        UNKNOWN,
        'refused',
        `Xen has no answer to the message “${title}”.`,
        { value: `0x${raw.toString(16)}` },
        'A message of a guest with SEV-ES.',
      ),
    );
  }
  writeVmcb(p, left.complex, vmcbOf(left.domain, left.vcpu), 'ghcb', answer, OWNER_HYPERVISOR);
  return ok(null);
}

function answerTo(p: Platform, left: Left, message: GhcbMsrMessage): bigint | null {
  switch (message.name) {
    case 'sevInfoRequest':
      return sevInfo(p);
    case 'cpuidRequest': {
      const { function: leaf, register } = message.values;
      const read = (name: string) => (name === 'rax' ? BigInt(leaf) : name === 'xcr0' ? 1n : 0n);
      const asked = { ...left, info1: 0n, info2: 0n, read, bytes: new Uint8Array() };
      const answer = bent(p, asked, EXIT.CPUID, cpuid(p, asked));
      const value = 'exception' in answer ? 0n : (answer.registers[REGISTERS[register] ?? 'rax'] ?? 0n);
      return encodeGhcbMsr('cpuidResponse', { value: Number(BigInt.asUintN(32, value)), register });
    }
    case 'apResetHoldRequest':
      return encodeGhcbMsr('apResetHoldResponse', { woken: parkOrWake(p, left) ? 1 : 0 });
    case 'preferredRequest':
      return encodeGhcbMsr('preferredResponse', { gfn: NO_GFN });
    case 'registerRequest':
      if (left.domain.snp) registerGhcb(p, left, message.values.gfn);
      return encodeGhcbMsr('registerResponse', message.values);
    case 'pscRequest':
      return left.domain.snp ? pageStateAnswer(p, left, message.values) : null;
    case 'featuresRequest':
      return encodeGhcbMsr('featuresResponse', { features: featuresFor(left.domain) });
    default:
      return null;
  }
}

/** Xen remembers where an SNP guest’s vCPU has its GHCB, and takes no other. */
const registerGhcb = (p: Platform, { domain, vcpu }: Left, gfn: number): void =>
  patchVcpus(p, domain, { registered: { ...vcpusOf(p, domain).registered, [vcpu]: gfn * PAGE_SIZE } });

const PSC_ERROR = 1;

/** One page, private or shared; any error is told as 1. */
function pageStateAnswer(
  p: Platform,
  { domain }: Left,
  { operation, gfn }: { readonly operation: number; readonly gfn: number },
): bigint {
  const wanted = (Object.keys(PSC) as PageStateWanted[]).find((name) => PSC[name] === operation);
  const done = wanted !== undefined && changePageState(p, domain, gfn * PAGE_SIZE, wanted).ok;
  return encodeGhcbMsr('pscResponse', { error: done ? 0 : PSC_ERROR });
}
