import type { Lie } from '../../core/cells';
import type { Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { GPRS, type Gpr } from '../../core/registers';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import type { Answer, Asked } from './answer';
import { vcpusOf } from './vcpus';

export const LIE: Rule = {
  id: 'xen.lies',
  says: 'Whoever emulates decides what the guest is told: nothing signs an answer.',
  source:
    'GHCB specification #56421; Radev and Morbitzer, Exploiting Interfaces of Secure Encrypted Virtual Machines (ROOTS 2020)',
  standing: 'published',
};

/** Of a load from a device no register is answered: under this name is kept what arrives, wherever the guest wants it. */
const LOADED = 'rax';

const isLoad = ({ exit, field }: Lie): boolean => exit === SOFTWARE_EVENT.MMIO_READ && field === LOADED;

/** Lies about registers and fields of an answer. */
export const liesAbout = (p: Platform, { domain }: Pick<Asked, 'domain'>, code: number): readonly Lie[] =>
  vcpusOf(p, domain).lies.filter((lie) => lie.exit === code && !isLoad(lie));

/** What a guest’s load from a device gets: the device’s value, or the one that the hypervisor has ready. */
export function loaded(p: Platform, { domain }: Pick<Asked, 'domain'>, honest: bigint): bigint {
  const told = vcpusOf(p, domain).lies.find(isLoad)?.value;
  if (told === undefined || told === null) return honest;
  p.trace.fact('note', { what: 'the hypervisor lies', reason: SOFTWARE_EVENT.MMIO_READ, fields: [] }, LIE);
  return BigInt(`0x${told}`);
}

/** An honest answer with what the hypervisor puts in its place. */
export function bent(p: Platform, asked: Asked, code: number, answer: Answer): Answer {
  if ('exception' in answer) return answer;
  const lies = liesAbout(p, asked, code).filter(
    ({ field, value }) => value !== null && (GPRS as readonly string[]).includes(field),
  );
  if (lies.length === 0) return answer;
  const told = Object.fromEntries(lies.map(({ field, value }) => [field as Gpr, BigInt(`0x${value}`)]));
  p.trace.fact('note', { what: 'the hypervisor lies', reason: code, fields: Object.keys(told) }, LIE);
  return { ...answer, registers: { ...answer.registers, ...told } };
}
