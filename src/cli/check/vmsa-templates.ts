import { createHash } from 'node:crypto';
import { z } from 'zod';
import { VCPU_SIGNATURES } from '../../engine/asp/image/vcpuTypes';
import { VMM_TYPES, vmsaPage } from '../../engine/asp/image/vmsa';
import { hex } from '../../engine/core/address';
import { toHex } from '../../engine/core/bytes';
import { canonical } from './canonical';
import { hexOf, u32, u64 } from './fields';
import { type CaseResult, isRecord, type Recogniser, runCase } from './result';
import { sentence } from './tables';

const template = z.object({
  vcpu_sig: u32.nullish(),
  guest_features: u64,
  eip: u32,
  sha384: hexOf(48).optional(),
  nonzero_qwords_le_bytes: z.record(sentence, z.string()).optional(),
});

/** The quadwords of a page that are not zero, by their offsets. */
function quadwords(page: Uint8Array): Record<string, string> {
  const words: Record<string, string> = {};
  for (let at = 0; at < page.length; at += 8) {
    const word = page.subarray(at, at + 8);
    if (word.some((byte) => byte !== 0)) words[`0x${at.toString(16).padStart(3, '0')}`] = toHex(word);
  }
  return words;
}

function checkTemplate(name: string, value: unknown): CaseResult {
  return runCase(`vmsa_templates.${name}`, (compare) => {
    const [asked, which] = name.split('-');
    const vmm = VMM_TYPES.find((known) => known === asked);
    if (!vmm || (which !== 'bsp' && which !== 'ap'))
      throw new Error('its name is not that of a hypervisor with -bsp or -ap');
    const { vcpu_sig, guest_features: features, eip, sha384, ...rest } = template.parse(value);
    const first = which === 'bsp';
    const page = vmsaPage({ vmm, first, address: eip, signature: vcpu_sig ?? 0, features });
    if (sha384) compare('sha384', toHex(sha384), createHash('sha384').update(page).digest('hex'));
    if (rest.nonzero_qwords_le_bytes)
      compare('quadwords', canonical(rest.nonzero_qwords_le_bytes), canonical(quadwords(page)));
  });
}

const signature = z.string().regex(/^0x[0-9a-f]{8}$/i, 'not 0x and eight digits');

const checkSignature = (name: string, value: unknown): CaseResult =>
  runCase(`vcpu_signatures.${name}`, (compare) => {
    const known = VCPU_SIGNATURES.get(name);
    if (known === undefined) throw new Error('no processor of that name is known here');
    compare('signature', hex(Number(signature.parse(value))), hex(known));
  });

const tableOf = (json: unknown, name: string): Record<string, unknown> => {
  const table = isRecord(json) ? json[name] : null;
  return isRecord(table) ? table : {};
};

const isTemplate = (value: unknown): boolean =>
  isRecord(value) && 'eip' in value && 'guest_features' in value;

/** The first registers of a vCPU by hypervisor, and signatures of processors, as `launch-digest.json` has them. */
export const vmsaTemplates = {
  name: 'first register states of vCPUs',
  recognises: (json: unknown) =>
    Object.values(tableOf(json, 'vmsa_templates')).some(isTemplate) ||
    Object.values(tableOf(json, 'vcpu_signatures')).some((value) => typeof value === 'string'),
  run: (json: unknown) => [
    ...Object.entries(tableOf(json, 'vmsa_templates')).map(([name, value]) => checkTemplate(name, value)),
    ...Object.entries(tableOf(json, 'vcpu_signatures')).map(([name, value]) => checkSignature(name, value)),
  ],
} satisfies Recogniser;
