import type { Goal } from './goals';
import type { SandboxLevel } from './levels';
import type { Role } from './roles';

/** Three hints to a goal, each telling more than the one before. Where no way is known they tell what stands in it. */
export type Hints = readonly [string, string, string];

/** To the ways that are known. */
export const WAY_HINTS = {
  readPlain: [
    'Whose key is in use when Xen reads?',
    'SME has one key, and the hypervisor’s own reads go through it.',
    'Read any memory: at the SPA of the PIN.',
  ],
  serveTheSecret: [
    'You cannot decrypt it. Who can, and what does she give to whoever asks?',
    'She sends sixteen bytes of her greeting, from wherever the nested tables say that the greeting lies.',
    'Remap a guest page: the GPA of the greeting to the SPA of the PIN. Then let her answer a visitor.',
  ],
  moveTheGuess: [
    'The ciphertext is in sight, and equal plaintext at an equal place gives equal ciphertext.',
    'You may send a guess by mail. The firmware moves pages, and encrypts each for the place to which it moves it.',
    'Copy the ciphertext of the PIN to 0x80000 (C = 0). Move the page of the PIN to 0x400000. Mail her your guess, here “PIN=4711, secret”. Move the inbox to where the PIN was, and compare with 0x80000, naming the guess.',
  ],
  replay: [
    'What was true once is well encrypted for ever.',
    'The old ciphertext decrypts to the old balance, as long as it lies at its old address.',
    'Copy 16 bytes from the SPA of the account to 0x80000. Let her spend. Copy them back. Let her look.',
  ],
  replayByDevice: [
    'A device cannot decrypt. Does it have to?',
    'What it reads it can write again later, at the same address.',
    'DMA read: 16 bytes at the SPA of the account. Let her spend. DMA write the same bytes, as hex:… Let her look.',
  ],
  replayByProbe: [
    'On the wires nobody asks whose a page is.',
    'Put the old ciphertext back behind her; but as long as a line is in the cache, nobody asks the DRAM.',
    'Read 16 bytes of the stick at the SPA of the account. Let her spend. Write the same bytes, as hex:… Let her do other work, then look.',
  ],
  writeCode: [
    'Her program lies in memory like anything else.',
    'What Xen writes there goes through the same key with which she fetches.',
    'Write any memory: at the SPA of the program, the bytes 48b8796f757220636f64f4f4f4f4f4f4 as hex:… Let her run.',
  ],
  runTheMail: [
    'Only she can encrypt for herself. She does so with whatever a visitor sends.',
    'Her inbox is private memory with bytes of your choice; the nested tables say which page is her program.',
    'Let her take mail with code in it. Remap the GPA of the program to the SPA of the inbox. Let her run.',
  ],
} as const satisfies Record<string, Hints>;

const NO_WAY = 'No way is known to us from here.';

const CIPHERTEXT_ONLY: Hints = [
  'You see ciphertext. Look whether it tells you anything.',
  'The key is chosen by who accesses: yours is never Alice’s, and nothing of hers passes your hands in the clear.',
  NO_WAY,
];

const RMP_WRITE: Hints = [
  'Try it as on SEV-ES, and read which check refuses.',
  'The RMP knows that the page is Alice’s: no write of the host or of a device gets there, and no other page gets to its GPA.',
  NO_WAY,
];

const HIDDEN: Hints = [
  'Try it as on SEV-SNP, and look at what you get.',
  'The host reads 0xff in place of her ciphertext, and her policy forbids that the firmware moves her pages.',
  NO_WAY,
];

const BLIND_WRITE: Hints = [
  'You may write where you like. What will she read there?',
  'What you write is decrypted with a key that you do not have: you choose that something changes, not what it becomes.',
  NO_WAY,
];

/** Where no way is known: what stands in it. */
export function noWay(goal: Goal, role: Role, level: SandboxLevel): Hints {
  if (goal === 'pin') return role === 'hypervisor' ? HIDDEN : CIPHERTEXT_ONLY;
  const rmp = level === 'sev-snp' || level === 'sev-snp-hardened';
  return rmp && role !== 'probe' ? RMP_WRITE : BLIND_WRITE;
}
