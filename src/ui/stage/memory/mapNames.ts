import { useMemo } from 'react';
import { PAGE_SIZE } from '../../../engine/core/address';
import {
  OWNER_FIRMWARE,
  OWNER_FREE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  WRITER_DEVICE,
  WRITER_PHYSICAL,
} from '../../../engine/core/page';
import type { GuestSummary, Status } from '../../../worker/protocol';
import type { MapNames, MapRegion } from '../../map/types';
import { keyWords, written } from '../shared/names';

const OWNERS: Readonly<Record<number, string>> = {
  [OWNER_FREE]: 'Free',
  [OWNER_HYPERVISOR]: 'Xen',
  [OWNER_FIRMWARE]: 'Firmware',
  [OWNER_RESERVED]: 'Reserved',
  [WRITER_DEVICE]: 'Device',
  [WRITER_PHYSICAL]: 'Probe',
  [OWNER_GUEST]: 'Domain-0',
};

/** In a page word a key is its selector plus two, and 0 where nothing was ever written. */
const KEY_BIAS = 2;

/** What the numbers in a page word are called on this machine. */
export function mapNames(guests: readonly GuestSummary[]): MapNames {
  const byId = new Map(guests.map((guest) => [guest.id, guest]));
  return {
    owner(owner) {
      const guest = byId.get(owner - OWNER_GUEST);
      if (guest) return `${written(guest.name)}${guest.sev ? ` · ASID ${guest.asid}` : ''}`;
      return OWNERS[owner] ?? `Domain ${owner - OWNER_GUEST}`;
    },
    key: (key) => (key === 0 ? 'never written' : keyWords(key - KEY_BIAS, guests)),
    ownerOfKey(key) {
      const guest = guests.find(({ alive, asid }) => alive && asid === key - KEY_BIAS);
      return guest && OWNER_GUEST + guest.id;
    },
  };
}

/** The same object while it says the same: other names make the map paint every page anew. */
export function useMapNames(guests: readonly GuestSummary[]): MapNames {
  const said = JSON.stringify(guests.map(({ id, name, alive, sev, asid }) => [id, name, alive, sev, asid]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: it stands for all of the guests that the names depend on
  return useMemo(() => mapNames(guests), [said]);
}

/** The ranges that are no ordinary memory, to be named on the map. */
export const mapRegions = (regions: Status['regions']): MapRegion[] =>
  regions
    .filter(({ kind }) => kind !== 'dram')
    .map(({ base, size, name }) => ({
      first: base / PAGE_SIZE,
      count: size / PAGE_SIZE,
      label: name,
      owner: OWNER_RESERVED,
    }));
