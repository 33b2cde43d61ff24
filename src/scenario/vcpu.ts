import type { Platform } from '../engine/core/platform';
import { capital } from '../engine/core/words';
import { blockAddress } from '../engine/cpu/checksum';
import { assemble } from '../engine/cpu/isa/assemble';
import { vmsaOf } from '../engine/xen/levels';
import type { OfVcpu } from './expression';
import { found, type Known, missing, type Place, type Resolved } from './place';

/** Where the page, or the checksum, of a guest’s vCPU lies. */
export function placeOfVcpu(p: Platform, known: Known, name: OfVcpu, vcpu: number): Resolved<Place> {
  const { domain, os } = known;
  const who = capital(domain.name);
  const at = (value: number | undefined, why: string): Resolved<Place> =>
    value === undefined ? missing(`${who} ${why}`) : found({ value, space: 'spa', guest: null });
  const none = `has no vCPU ${vcpu}.`;
  switch (name) {
    case 'vmcb':
      return at(domain.vmcbs[vcpu], none);
    case 'registers':
      return at(domain.userRegs[vcpu], none);
    case 'vmsa':
      return at(vmsaOf(p, domain, vcpu), domain.vmsas.length > 0 ? none : NO_ES);
    case 'checksum':
      return at(checksumOf(p, known, vcpu), domain.vmsas.length > 0 ? none : NO_ES);
    case 'ghcb': {
      const value = os?.ghcbs?.[vcpu];
      if (value === undefined) return missing(`${who} has made no GHCB for vCPU ${vcpu}.`);
      return found({ value, space: 'gva', guest: domain.name });
    }
  }
}

/** GVA of a label in the program that a guest loaded last. */
export function labelOf({ domain, os }: Known, label: string): Resolved<Place> {
  const program = os?.program;
  if (!program) return missing(`${capital(domain.name)} has no program.`);
  const assembled = assemble(program.text, BigInt(program.address));
  const address = assembled.ok ? assembled.labels.find(({ name }) => name === label)?.address : undefined;
  if (address === undefined) return missing(`${capital(domain.name)}’s program has no label “${label}”.`);
  return found({ value: Number(address), space: 'gva', guest: domain.name });
}

const NO_ES = 'has no VMSA: it is no guest with SEV-ES.';

/** SPA of the checksum of a vCPU’s VMSA. The firmware gives the blocks out in the order of the vCPUs. */
function checksumOf(p: Platform, { domain }: Known, vcpu: number): number | undefined {
  const block = domain.handle === null ? undefined : p.state.cell('handle', domain.handle)?.blocks[vcpu];
  const tmr = p.state.cell('platform')?.tmr;
  return block === undefined || !tmr ? undefined : blockAddress(tmr, block);
}
