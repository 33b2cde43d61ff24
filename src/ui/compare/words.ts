import type { Technology } from '../../engine/core/config';
import { capital } from '../../engine/core/words';
import type { Parting, PartingKind } from '../../lab/partings';
import { type Side, sideName } from '../../lab/side';
import { TECHNOLOGY_NAMES } from '../header/machine';

/** In what machines part. */
export const KIND_WORDS: Readonly<Record<PartingKind, string>> = {
  script: 'what actors do',
  bytes: 'what the guest reads',
  map: 'whose the frame is',
  lamps: 'the properties',
};

/** What is compared and what is not, for whoever asks. */
export const COMPARED =
  'Compared is what actors do and see: how each action ends that all of these machines have, the attacker’s aims, the four promised properties, what the guest reads at the place that is watched, whose the frame behind it is, and its state by the RMP where all have one. Not compared is what must differ: keys, ciphertext, frame numbers, what Xen and the DRAM hold. Bytes that look random count as noise, and noise is like noise.';

export const ONLY_ON = (only: readonly Technology[]): string =>
  `only ${only.map((technology) => TECHNOLOGY_NAMES[technology].title).join(', ')}`;

const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** Every group with its machines: `SEV and SEV-ES: goes through. SEV-SNP: #PF by RMP-HOST-WRITE.` */
export const partingWords = ({ groups }: Parting, sides: readonly Side[]): string =>
  groups
    .map(
      ({ sides: members, says }) =>
        `${listed(members.flatMap((at) => (sides[at] ? [sideName(sides[at])] : [])))}: ${says}.`,
    )
    .join(' ');

export const placeWords = (guest: string | null, address: number): string =>
  `${guest ? capital(guest) : 'SPA'} 0x${address.toString(16)}`;
