import type { EncryptionMode } from '../core/encryption';
import type { Rule } from '../core/fault';

/** What the simulator and its screens know of one way to turn an address and a key into ciphertext. */
export interface ModeInfo {
  readonly label: string;
  /** One line. P, C: plaintext and ciphertext block; T: tweak; pa: system physical address of the block. */
  readonly definition: string;
  readonly rule: Rule;
  /** Accepted lengths of the data key in bytes; the first is what the simulated secure processor makes. */
  readonly keySizes: readonly number[];
  /** The same for the tweak key; empty where the tweak has no key. */
  readonly tweakKeySizes: readonly number[];
}

const SEVURITY = 'SEVurity (Wilke, Wichelmann, Morbitzer, Eisenbarth, IEEE S&P 2020, arXiv 2004.11071)';

/**
 * The modes of memory encryption. AMD names two (AES-128 XEX, and AES-256 XTS on newer parts: SNP guest policy bit 22,
 * MEM_AES_256_XTS) and publishes neither the tweak nor the numbering of the data units.
 */
export const MODES: Readonly<Record<EncryptionMode, ModeInfo>> = {
  'xex-linear': {
    label: 'XEX, linear tweak',
    definition: 'T = XOR of t_i over the set bits i = 4..51 of pa; C = AES_K(P xor T) xor T',
    rule: {
      id: 'memory.mode.xex-linear',
      says: 'The tweak is linear in the address and is XORed before and after AES; t_4..t_31 were measured on real parts, t_32..t_51 are invented.',
      source: SEVURITY,
      standing: 'published',
    },
    keySizes: [16, 32],
    tweakKeySizes: [],
  },
  'xe-linear': {
    label: 'XE, linear tweak',
    definition: 'T = XOR of t_i over the set bits i = 4..51 of pa; C = AES_K(P xor T)',
    rule: {
      id: 'memory.mode.xe-linear',
      says: 'The same linear tweak, XORed before AES only, as first-generation parts do it; t_32..t_51 are invented.',
      source: `${SEVURITY}; Du et al. 2017, arXiv 1712.05090`,
      standing: 'published',
    },
    keySizes: [16, 32],
    tweakKeySizes: [],
  },
  'xex-k2': {
    label: 'XEX, keyed tweak',
    definition: 'T = AES_K2(pa as a 128-bit little-endian number); C = AES_K(P xor T) xor T',
    rule: {
      id: 'memory.mode.xex-k2',
      says: 'The tweak is the address encrypted under a second key. AMD does not publish the tweak of Zen 2 and later; this one stands in for it.',
      source:
        'P. Rogaway, Efficient Instantiations of Tweakable Blockciphers, ASIACRYPT 2004; the choice of tweak is ours',
      standing: 'modelled',
    },
    keySizes: [16, 32],
    tweakKeySizes: [16, 32],
  },
  'xts-page': {
    label: 'XTS, one unit a page',
    definition: 'T_0 = AES_K2(pa >> 12), T_j+1 = T_j times x in GF(2^128); C = AES_K(P xor T_j) xor T_j',
    rule: {
      id: 'memory.mode.xts-page',
      says: 'XTS-AES with the 4096-byte page as data unit and the page frame number as its number. AMD names AES-256 XTS but does not publish its data unit.',
      source: 'IEEE 1619-2018 §5; the data unit is ours',
      standing: 'modelled',
    },
    keySizes: [32, 16],
    tweakKeySizes: [32, 16],
  },
  ecb: {
    label: 'ECB, no tweak',
    definition: 'C = AES_K(P)',
    rule: {
      id: 'memory.mode.ecb',
      says: 'No tweak: equal blocks look equal everywhere. No memory controller does this; it is here to show why a tweak is needed.',
      source: 'NIST SP 800-38A §6.1',
      standing: 'modelled',
    },
    keySizes: [16, 24, 32],
    tweakKeySizes: [],
  },
};
