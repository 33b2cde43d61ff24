import { OWNER_FIRMWARE, OWNER_GUEST } from '../../engine/core/page';
import { PAGE_STATES, type PageState } from '../../engine/rmp/types';
import { FIRMWARE_OWNS, GUEST_OWNS } from '../../worker/rmpProtocol';
import { mix, parseColour, type Rgb } from './colour';
import { ownerColour } from './owners';
import type { MapTheme } from './theme';
import type { MapNames, RmpMode } from './types';

/** What is measured of a page by the RMP: the worker’s number for it, from here on, behind all entropies. */
export const RMP_FROM: Readonly<Record<RmpMode, number>> = {
  rmp: 256,
  'rmp-vmpl': 300,
  'rmp-validated': 310,
  'rmp-owner': 320,
};

/** How many numbers there are in each. */
const ASIDS = 1024;
export const RMP_NUMBERS: Readonly<Record<RmpMode, number>> = {
  rmp: PAGE_STATES.length,
  'rmp-vmpl': 5,
  'rmp-validated': 3,
  'rmp-owner': GUEST_OWNS + ASIDS,
};

/** In a page word a key is its selector plus this. */
const KEY_BIAS = 2;

/** Whose page an ASID’s is, as an owner of page words: the guest’s that has the ASID now. */
const ownerOfAsid = (asid: number, names: MapNames | undefined): number =>
  names?.ownerOfKey?.(asid + KEY_BIAS) ?? OWNER_GUEST + asid;

/** What a number means, and its colour. */
export interface RmpMeaning {
  readonly label: string;
  readonly colour: Rgb;
}

const VMPLS = ['VMPL0 only', 'VMPL0 and 1', 'VMPL0 to 2', 'every VMPL'];
const VALIDATED = ['no guest’s', 'not accepted', 'accepted'];

/** @param number as the worker tells it, from 0 on. */
export function rmpMeaning(mode: RmpMode, number: number, theme: MapTheme, names?: MapNames): RmpMeaning {
  const guest = (index: number): Rgb => parseColour(theme.guests[index] ?? theme.free);
  const free = parseColour(theme.free);
  switch (mode) {
    case 'rmp': {
      const state = PAGE_STATES[number] ?? 'Hypervisor';
      return { label: state, colour: rmpColour(theme, state) };
    }
    case 'rmp-vmpl':
      return number === 0
        ? { label: 'no guest’s', colour: free }
        : { label: VMPLS[number - 1] ?? '', colour: guest([2, 3, 1, 0][number - 1] ?? 0) };
    case 'rmp-validated':
      return { label: VALIDATED[number] ?? '', colour: number === 0 ? free : guest(number - 1) };
    case 'rmp-owner':
      if (number < FIRMWARE_OWNS) return { label: 'Hypervisor', colour: free };
      if (number < GUEST_OWNS) return { label: 'Firmware', colour: ownerColour(theme, OWNER_FIRMWARE) };
      return ofAsid(number - GUEST_OWNS, theme, names);
  }
}

function ofAsid(asid: number, theme: MapTheme, names: MapNames | undefined): RmpMeaning {
  const known = names?.ownerOfKey?.(asid + KEY_BIAS);
  return {
    label: known === undefined ? `ASID ${asid}` : (names?.owner(known) ?? ''),
    colour: ownerColour(theme, ownerOfAsid(asid, names)),
  };
}

/** What a page’s measured number means; what was not measured is the usual. */
export function rmpWords(mode: RmpMode, measured: number, theme: MapTheme, names: MapNames): string {
  const usual = mode === 'rmp' ? PAGE_STATES.indexOf('Hypervisor') : 0;
  const number = measured < RMP_FROM[mode] ? usual : measured - RMP_FROM[mode];
  return `${mode === 'rmp-vmpl' ? 'by the RMP open to' : 'by the RMP'} ${rmpMeaning(mode, number, theme, names).label}`;
}

/** The colour of each number. */
export const rmpColours = (mode: RmpMode, theme: MapTheme, names?: MapNames): Rgb[] =>
  Array.from({ length: RMP_NUMBERS[mode] }, (_, number) => rmpMeaning(mode, number, theme, names).colour);

/** Greys are the hypervisor’s, greens the firmware’s; what is a guest’s grows lighter as it is accepted. */
export function rmpColour(theme: MapTheme, state: PageState): Rgb {
  const [firmware, hypervisor] = [parseColour(theme.firmware), parseColour(theme.hypervisor)];
  const guest = (index: number): Rgb => parseColour(theme.guests[index] ?? theme.free);
  const light = parseColour(theme.lightInk);
  const dark = parseColour(theme.darkInk);
  switch (state) {
    case 'Default':
      return parseColour(theme.reserved);
    case 'Hypervisor':
      return parseColour(theme.free);
    case 'HV-fixed':
      return hypervisor;
    case 'Firmware':
      return firmware;
    case 'Context':
      return mix(firmware, light, 0.4);
    case 'Metadata':
      return mix(firmware, light, 0.75);
    case 'Firmware-IOMMU':
      return mix(firmware, dark, 0.5);
    case 'Reclaim':
      return mix(firmware, hypervisor, 0.6);
    case 'Pre-Guest':
      return guest(4);
    case 'Pre-Swap':
      return guest(2);
    case 'Guest-Invalid':
      return guest(0);
    case 'Guest-Valid':
      return guest(1);
    case 'Invalid':
      return parseColour(theme.fault);
  }
}
