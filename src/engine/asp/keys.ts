import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import { HOST_KEY, type KeySelector, NO_KEY } from '../core/key';
import type { Cipher, Platform } from '../core/platform';
import type { State } from '../core/state';
import { CPUID_SAMPLES } from '../cpu/cpuid';
import { AesEngine } from '../memory/aes';
import { MODES } from '../memory/modes';

const ASP_RULES = {
  host: {
    id: 'asp.host-key',
    says: 'The secure processor makes the host’s memory key at each reset from its random generator; no software can read it.',
    source: 'APM vol. 2 §7.10, §15.34.2; AMD Memory Encryption white paper (2016)',
    standing: 'published',
  },
  guest: {
    id: 'asp.guest-key',
    says: 'The secure processor makes a fresh key for each encrypted guest and loads it into the slot of the guest’s ASID.',
    source: 'AMD-ASPFW sev_guest.c; APM vol. 2 §15.34.2',
    standing: 'published',
  },
  random: {
    id: 'asp.seeded-random',
    says: 'The random generator is replaced by the machine’s seed, so that the same machine and actions give the same bytes everywhere.',
    source: 'modelled: HMAC-SHA-256 of the key’s name under the seed',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

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
    return loaded ? this.engine(loaded.keyId) : null;
  }

  private engine(keyId: string): Cipher {
    let engine = this.engines.get(keyId);
    if (!engine) {
      const mode = this.config.encryption;
      const longest = CPUID_SAMPLES[this.config.generation].keyBits / 8;
      const size = Math.max(
        ...MODES[mode].keySizes.filter((bytes) => bytes <= longest),
        Math.min(...MODES[mode].keySizes),
      );
      engine = new AesEngine(mode, {
        key: this.derive(`${keyId}/data`, size),
        tweakKey: this.derive(`${keyId}/tweak`, size),
      });
      this.engines.set(keyId, engine);
    }
    return engine;
  }

  private derive(name: string, size: number): Uint8Array {
    const text = new TextEncoder();
    return hmac(sha256, text.encode(`sevscope seed ${this.config.seed}`), text.encode(name)).subarray(
      0,
      size,
    );
  }
}

/** Makes a key and loads it into a slot. */
export function loadKey(p: Platform, slot: KeySelector): void {
  const asp = p.state.need('asp');
  const rule = slot === HOST_KEY ? ASP_RULES.host : ASP_RULES.guest;
  p.trace.call('asp', 'asp', slot === HOST_KEY ? 'make host key' : 'load guest key', { slot }, () => {
    const keyId = `reset ${asp.resets} · key ${asp.serial + 1}`;
    p.trace.patch('asp', 0, { serial: asp.serial + 1 });
    p.trace.fact('note', { what: 'key made', slot, keyId }, rule);
    p.trace.set('slot', slot, { keyId });
  });
}

/** Overwrites a slot when its guest is gone (AMD-ASPFW sev_guest.c: the slot is written with zeros). */
export function retireKey(p: Platform, slot: KeySelector): void {
  p.trace.call('asp', 'asp', 'retire key', { slot }, () => p.trace.set('slot', slot, null));
}

/** A reset of the secure processor: all slots empty, a new host key. */
export function resetAsp(p: Platform): void {
  p.trace.call('asp', 'asp', 'reset', {}, () => {
    for (const [name] of p.state.allCells()) {
      if (name.startsWith('slot/')) p.trace.set('slot', Number(name.slice(5)), null);
    }
    p.trace.set('asp', 0, { resets: (p.state.cell('asp')?.resets ?? 0) + 1, serial: 0 });
    loadKey(p, HOST_KEY);
  });
}
