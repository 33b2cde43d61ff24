import type { DomainCell } from '../engine/core/cells';
import type { Platform } from '../engine/core/platform';
import { unpackRegisters } from '../engine/core/registers';
import { capital } from '../engine/core/words';
import { GHCB_FIELDS, isValid, readGhcb } from '../engine/cpu/ghcb/layout';
import { readVmcb } from '../engine/cpu/vmcb';
import { registersOf } from '../engine/cpu/vmrun';
import { readVmsa, vmsaRegisters } from '../engine/cpu/vmsa';
import { look } from '../engine/look';
import { foundRegister } from '../engine/xen/exits/found';
import type { Kept, ValueExpectation } from './expectation';
import type { Address } from './fields';
import { type Finding, finding, type Moment } from './moment';
import { found, missing, type Resolved } from './place';
import { guestNamed, resolveNumber, resolveSpa } from './resolve';
import { placeOfVcpu } from './vcpu';

/** Expectations about registers and the structures that keep them. */

interface Read {
  readonly value: bigint;
  /** For a sentence: `RAX in Alice’s GHCB`. */
  readonly named: string;
  /** Of a field of the GHCB: whether VALID_BITMAP has it. */
  readonly marked?: boolean;
}

type RegisterName = Extract<Kept, { in: 'vcpu' }>['name'];

const GHCB_PAGE = 4096;

/** The core on which a vCPU is now; null while it is off them all. */
function coreOf(p: Platform, { id }: DomainCell, vcpu: number): number | null {
  const core = p.state.tlbs.findIndex((_, number) => {
    const cell = p.state.need('core', number);
    return cell.domain === id && cell.vcpu === vcpu;
  });
  return core < 0 ? null : core;
}

/** A register where Xen looks for it: the VMCB’s save area, or the copy that its stub made. */
function inXen(p: Platform, domain: DomainCell, vcpu: number, complex: number, name: RegisterName): bigint {
  const vmcb = domain.vmcbs[vcpu] ?? 0;
  if (name === 'rip' || name === 'rflags') return readVmcb(p, complex, vmcb, name);
  return foundRegister(p, { domain, vcpu, complex }, name);
}

/** The same in the VMSA, as hardware reads it. */
const inVmsa = (p: Platform, domain: DomainCell, vmsa: number, complex: number, name: RegisterName): bigint =>
  vmsaRegisters(readVmsa(p, complex, vmsa, domain.asid))[name];

function read(p: Platform, { of, vcpu = 0, ...kept }: Kept): Resolved<Read> {
  const known = guestNamed(p, of);
  if (!known.ok) return known;
  const { domain } = known.value;
  const who = `${capital(of)}’s${vcpu === 0 ? '' : ` vCPU ${vcpu}’s`}`;
  const vmcb = placeOfVcpu(p, known.value, 'vmcb', vcpu);
  if (!vmcb.ok) return vmcb;
  const core = coreOf(p, domain, vcpu);
  const { complex } = p.state.need('core', core ?? domain.core);
  const name = kept.name.toUpperCase();
  switch (kept.in) {
    case 'vmcb': {
      const value = readVmcb(p, complex, vmcb.value.value, kept.name);
      return found({ value, named: `${kept.name} in ${who} VMCB` });
    }
    case 'xen': {
      const value = inXen(p, domain, vcpu, complex, kept.name);
      return found({ value, named: `${who} ${name} as Xen finds it` });
    }
    case 'ghcb':
      return readShared(p, known.value, vcpu, kept.name, who);
    case 'vmsa':
    case 'vcpu': {
      const vmsa = placeOfVcpu(p, known.value, 'vmsa', vcpu);
      if (kept.in === 'vcpu' && core !== null)
        return found({ value: unpackRegisters(registersOf(p, core))[kept.name], named: `${who} ${name}` });
      if (kept.in === 'vcpu' && !vmsa.ok)
        return found({ value: inXen(p, domain, vcpu, complex, kept.name), named: `${who} ${name}` });
      if (!vmsa.ok) return vmsa;
      const value = inVmsa(p, domain, vmsa.value.value, complex, kept.name);
      return found({ value, named: `${name} in ${who} VMSA` });
    }
  }
}

/** A field of the shared page, as the hypervisor finds it. */
function readShared(
  p: Platform,
  known: Parameters<typeof placeOfVcpu>[1],
  vcpu: number,
  name: Extract<Kept, { in: 'ghcb' }>['name'],
  who: string,
): Resolved<Read> {
  const place = placeOfVcpu(p, known, 'ghcb', vcpu);
  if (!place.ok) return place;
  const spa = resolveSpa(p, place.value);
  if (!spa.ok) return spa;
  const seen = look(p, { eye: 'host', c: 0 }, spa.value, GHCB_PAGE);
  if (!seen.ok) return missing(seen.fault.message);
  const named = `${GHCB_FIELDS[name].label} in ${who} GHCB`;
  return found({ value: readGhcb(seen.bytes, name), named, marked: isValid(seen.bytes, name) });
}

function worthOf(p: Platform, wanted: Address): Resolved<bigint> {
  if (typeof wanted === 'string' && /^0x[0-9a-f]+$/i.test(wanted)) return found(BigInt(wanted));
  const number = resolveNumber(p, wanted);
  return number.ok ? found(BigInt(number.value)) : number;
}

/** Compares a register or field with a value, or asks only whether it is marked valid. */
export function checkValue({ platform: p }: Moment, expected: ValueExpectation): Finding {
  const given = read(p, expected.value);
  if (!given.ok) return finding(false, given.message);
  const { value, named, marked } = given.value;
  const valid = marked === undefined ? '' : marked ? ', marked valid' : ', not marked valid';
  const says = `${named} is 0x${value.toString(16)}${valid}.`;
  if (expected.marked !== undefined && expected.marked !== (marked ?? false)) return finding(false, says);
  for (const [wanted, same] of [
    [expected.is, true],
    [expected.isNot, false],
  ] as const) {
    if (wanted === undefined) continue;
    const worth = worthOf(p, wanted);
    if (!worth.ok) return finding(false, worth.message);
    if ((worth.value === value) !== same) return finding(false, says);
  }
  return finding(true, says);
}
