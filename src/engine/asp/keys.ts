import { u32 } from '../core/bytes';
import type { SlotCell } from '../core/cells';
import type { MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import { HOST_KEY, type KeySelector, NO_KEY } from '../core/key';
import type { Cipher, Platform } from '../core/platform';
import type { State } from '../core/state';
import { CPUID_SAMPLES } from '../cpu/cpuid';
import { AesEngine } from '../memory/aes';
import { MODES } from '../memory/modes';
import { kdf } from './crypto/kdf';
import { forgetFirmware } from './reset';
import { secretBytes } from './secrets';

const HOST_KEY_RULE: Rule = {
  id: 'asp.host-key',
  says: 'The secure processor makes the host’s memory key at each reset from its random generator; no software can read it.',
  source: 'APM vol. 2 §7.10, §15.34.2; AMD Memory Encryption white paper (2016)',
  standing: 'published',
};

/**
 * Where key bytes live: inside the secure processor and the memory controller. State holds only names of keys; the bytes
 * are derived here and leave only as a loaded engine. One memory channel is modelled (real firmware derives a key a channel).
 */
export class KeyStore {
  private readonly engines = new Map<string, Cipher>();
  private readonly config: MachineConfig;

  constructor(config: MachineConfig) {
    this.config = config;
  }

  /** The engine of a slot; null without memory encryption, for no key, or for an empty slot. */
  cipher(state: State, key: KeySelector): Cipher | null {
    const { technology, tsme } = this.config;
    if (technology === 'off' && !tsme) return null;
    const slot = key === NO_KEY ? (tsme ? HOST_KEY : null) : key;
    if (slot === null) return null;
    const loaded = state.cell('slot', slot);
    return loaded ? this.engine(loaded) : null;
  }

  private seed(keyId: string): Uint8Array {
    if (keyId === ZERO_SEED) return new Uint8Array(VEK_SEED_BYTES);
    return secretBytes(this.config, keyId, VEK_SEED_BYTES);
  }

  private engine({ keyId, channel }: SlotCell): Cipher {
    const name = channel === undefined ? keyId : `${keyId}/${channel}`;
    let engine = this.engines.get(name);
    if (!engine) {
      const mode = this.config.encryption;
      const longest = CPUID_SAMPLES[this.config.generation].keyBits / 8;
      const size = Math.max(
        ...MODES[mode].keySizes.filter((bytes) => bytes <= longest),
        Math.min(...MODES[mode].keySizes),
      );
      engine = new AesEngine(
        mode,
        channel === undefined
          ? {
              key: secretBytes(this.config, `${keyId}/data`, size),
              tweakKey: secretBytes(this.config, `${keyId}/tweak`, size),
            }
          : memoryKey(this.seed(keyId), channel, size),
      );
      this.engines.set(name, engine);
    }
    return engine;
  }
}

/** Name of a seed of zeros, with which SNP_SHUTDOWN_EX overwrites the slots of all guests. */
export const ZERO_SEED = 'zeros';

/** Bytes of the seed that a guest's memory keys come from (AMD-ASPFW sev_guest.h). */
const VEK_SEED_BYTES = 32;

/**
 * The memory key of a channel: 32 bytes by the published KDF and label, which carries its final NUL (AMD-ASPFW umc.c). How
 * the controller splits them is not published. Modelled: data key and tweak key where both fit, and for two keys of 256 bits
 * a second derivation for the tweak.
 */
function memoryKey(
  seed: Uint8Array,
  channel: number,
  size: number,
): { key: Uint8Array; tweakKey: Uint8Array } {
  const derived = kdf(seed, 'sev-vm-encryption-key-0\0', u32(channel), 32);
  if (size === 16) return { key: derived.subarray(0, 16), tweakKey: derived.subarray(16) };
  return { key: derived, tweakKey: kdf(seed, 'sevscope-tweak-key', u32(channel), size) };
}

/** Makes the host's key and loads it into its slot. */
function makeHostKey(p: Platform): void {
  p.trace.call('asp', 'asp', 'make host key', { slot: HOST_KEY }, () => {
    const { resets, serial } = p.state.need('asp');
    const keyId = `reset ${resets} · key ${serial + 1}`;
    p.trace.patch('asp', 0, { serial: serial + 1 });
    p.trace.fact('note', { what: 'key made', slot: HOST_KEY, keyId }, HOST_KEY_RULE);
    p.trace.set('slot', HOST_KEY, { keyId });
  });
}

/** A reset of the secure processor: all slots empty, a new host key. */
export function resetAsp(p: Platform): void {
  p.trace.call('asp', 'asp', 'reset', {}, () => {
    for (const [name] of p.state.allCells()) {
      if (name.startsWith('slot/')) p.trace.set('slot', Number(name.slice(5)), null);
    }
    forgetFirmware(p);
    p.trace.set('asp', 0, { resets: (p.state.cell('asp')?.resets ?? 0) + 1, serial: 0 });
    makeHostKey(p);
  });
}
