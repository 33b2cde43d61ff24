import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import { Kept } from '../core/kept';
import type { Platform } from '../core/platform';

const SEEDED: Rule = {
  id: 'asp.seeded-random',
  says: 'The random generator is replaced by the machine’s seed, so that the same machine and actions give the same bytes everywhere.',
  source: 'modelled: HMAC-SHA-256 of the name under the seed',
  standing: 'modelled',
};

/** What the secure processor draws at random; state holds only names like `reset 1 · pek 4`. */
export type SecretKind =
  | 'key'
  | 'vek'
  | 'oek'
  | 'oca'
  | 'pek'
  | 'pdh'
  | 'transport'
  | 'nonce'
  | 'vmpck'
  | 'vmrk'
  | 'report id'
  | 'tweak';

const BLOCK = 32;

/**
 * The bytes behind a name: they exist only inside the secure processor and the memory controller, and are never written into
 * state.
 */
export function secretBytes(config: MachineConfig, name: string, size: number): Uint8Array {
  return drawn.once(config, `${size} of ${name}`, () => derived(config, name, size)).slice(0, size);
}

/** The last ones that were needed: each page of a launch asks for the same. */
const drawn = new Kept<Uint8Array>(64);

/** At least so many bytes; the first ones are the same for every size. */
function derived(config: MachineConfig, name: string, size: number): Uint8Array {
  const text = new TextEncoder();
  const seed = text.encode(`sevscope seed ${config.seed}`);
  const out = new Uint8Array(Math.ceil(size / BLOCK) * BLOCK);
  for (let i = 0; i * BLOCK < size; i++)
    out.set(hmac(sha256, seed, text.encode(i === 0 ? name : `${name}/${i}`)), i * BLOCK);
  return out;
}

/** Draws something new and answers with its name. */
export function drawSecret(p: Platform, kind: SecretKind): string {
  const { resets, serial } = p.state.need('asp');
  const name = `reset ${resets} · ${kind} ${serial + 1}`;
  p.trace.patch('asp', 0, { serial: serial + 1 });
  p.trace.fact('note', { what: 'drawn at random', name }, SEEDED);
  return name;
}
