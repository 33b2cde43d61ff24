import { BLOCK_SIZE } from '../core/address';
import { type Outcome, type Rule, refuse } from '../core/fault';

const WHOLE_BLOCKS: Rule = {
  id: 'memory.whole-blocks',
  says: 'The cipher works on blocks of 16 bytes: only whole ones can be moved or compared as ciphertext.',
  source: 'AMD Memory Encryption white paper (2016): AES with 128-bit blocks',
  standing: 'published',
};

/** Refused unless all of these are multiples of 16. */
export const wholeBlocks = (...numbers: readonly number[]): Outcome<never> | null =>
  numbers.every((number) => number % BLOCK_SIZE === 0)
    ? null
    : refuse(
        WHOLE_BLOCKS,
        'refused',
        'An address or the length is no multiple of 16.',
        { numbers: [...numbers] },
        'Whole blocks at their places.',
      );
