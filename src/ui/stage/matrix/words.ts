import { BookOpenCheck, Eye, FileText, Lock, type LucideIcon, OctagonX, Shuffle } from 'lucide-react';
import type { MatrixView } from '../../../worker/protocol';

export type Cell = MatrixView['cells'][number][number];
export type CellResult = Cell['result'];

interface Words {
  readonly icon: LucideIcon;
  readonly word: string;
  /** What it means, in a sentence. */
  readonly means: string;
}

/** What a read brought, as a glyph, a word and a sentence; the colour comes on top. */
export const RESULTS: Readonly<Record<CellResult, Words>> = {
  own: { icon: BookOpenCheck, word: 'own', means: 'What the owner itself gets here.' },
  plaintext: { icon: Eye, word: 'readable', means: 'The very bytes that the owner gets.' },
  ciphertext: {
    icon: Lock,
    word: 'ciphertext',
    means: 'What the DRAM holds: encrypted under a key that the reader has not.',
  },
  raw: {
    icon: FileText,
    word: 'not encrypted',
    means: 'What the DRAM holds: written there without a key, so that the owner’s key makes noise of it.',
  },
  noise: {
    icon: Shuffle,
    word: 'noise',
    means: 'The DRAM’s bytes run through another key: neither plaintext nor ciphertext.',
  },
  fault: { icon: OctagonX, word: 'refused', means: 'No bytes at all: a check stopped the access.' },
};

/** A person of the matrix: `xen, C = 0` is Xen, `alice: secret.txt (private)` is Alice’s. */
export const ownerIn = (name: string): string => {
  const [first = name] = name.split(/[:,]/);
  return first === 'DRAM probe' ? 'probe' : first.trim();
};
