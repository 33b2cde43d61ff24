import { GUEST_BASE, PAGE_SIZE } from '../../engine/core/address';
import { bytesEqual } from '../../engine/core/bytes';
import type { DomainCell } from '../../engine/core/cells';
import type { GuestObject } from '../../engine/core/guestCells';
import type { Eye, Look } from '../../engine/core/look';
import { pageKey } from '../../engine/core/page';
import type { Platform } from '../../engine/core/platform';
import { gpaOf, look, lookIfMapped } from '../../engine/look';
import { livingDomains } from '../../engine/xen/domains';
import { frameAt } from '../../engine/xen/frames';
import type { MatrixView } from '../protocol';

const LENGTH = 64;
/** In a page's word: written without a key; 0 is never written. */
const NO_KEY = 1;

interface Target {
  readonly name: string;
  readonly owner: string;
  readonly spa: number;
  readonly plaintext: Uint8Array;
}

interface Reader {
  readonly name: string;
  readonly eye: Eye;
}

/** Who can read whom: each cell is a read that the reader could make now, of the first bytes of each guest's last object. */
export function matrixView(p: Platform): MatrixView {
  const guests = livingDomains(p).slice(0, 12);
  const targets = guests.flatMap((guest) => targetsOf(p, guest));
  const readers: Reader[] = [
    ...guests.map(({ name }): Reader => ({ name, eye: { eye: 'guest', guest: name, space: 'spa' } })),
    { name: 'xen, C = 0', eye: { eye: 'host', c: 0 } },
    { name: 'xen, C = 1', eye: { eye: 'host', c: 1 } },
    { name: 'device', eye: { eye: 'device' } },
    { name: 'DRAM probe', eye: { eye: 'dram' } },
  ];
  return {
    readers: readers.map(({ name }) => name),
    targets: targets.map(({ name, spa, plaintext }) => ({ name, address: spa, plaintext })),
    cells: readers.map((reader) => targets.map((target) => cell(p, reader, target))),
  };
}

/** The last private and the last shared thing of a guest. */
function targetsOf(p: Platform, domain: DomainCell): Target[] {
  const os = p.state.cell('guest', domain.id);
  const useful = os?.objects.filter((object) => object.kind !== 'tables') ?? [];
  const isShared = (object: GuestObject) =>
    os?.shared.includes((object.address - GUEST_BASE) / PAGE_SIZE) ?? false;
  const chosen = [useful.findLast((object) => !isShared(object)), useful.findLast(isShared)];
  return chosen.flatMap((object) => {
    if (!object) return [];
    const frame = frameAt(domain.frames, Math.floor((object.address - GUEST_BASE) / PAGE_SIZE));
    const own = look(p, { eye: 'guest', guest: domain.name, space: 'gva' }, object.address, LENGTH);
    if (frame === null || !own.ok) return [];
    const kind = isShared(object) ? 'shared' : 'private';
    return [
      {
        name: `${domain.name}: ${object.name} (${kind})`,
        owner: domain.name,
        spa: frame * PAGE_SIZE,
        plaintext: own.bytes,
      },
    ];
  });
}

function cell(p: Platform, reader: Reader, target: Target): MatrixView['cells'][number][number] {
  const seen: Look = readFor(p, reader, target);
  if (!seen.ok) return { result: 'fault', bytes: null, key: '', fault: seen.fault };
  const raw = p.state.dram.read(target.spa, LENGTH);
  const result = bytesEqual(seen.bytes, target.plaintext)
    ? reader.name === target.owner
      ? 'own'
      : 'plaintext'
    : bytesEqual(seen.bytes, raw)
      ? encrypted(p, target.spa)
        ? 'ciphertext'
        : 'raw'
      : 'noise';
  return { result, bytes: seen.bytes, key: seen.key, fault: null };
}

/** Did the bytes of this page last reach the DRAM under a key? */
const encrypted = (p: Platform, spa: number): boolean => pageKey(p.state.pages.get(spa / PAGE_SIZE)) > NO_KEY;

/** The read itself; a guest has no way to another's frame, so the hypervisor maps it in for the moment of the look. */
function readFor(p: Platform, { name, eye }: Reader, target: Target): Look {
  if (eye.eye === 'device') return look(p, eye, busAddress(p, target), LENGTH);
  if (eye.eye !== 'guest' || name === target.owner) return look(p, eye, target.spa, LENGTH);
  return lookIfMapped(p, name, target.spa, LENGTH);
}

/** The address that reaches a frame from the device: a GPA when it is given to a guest that has the frame. */
function busAddress(p: Platform, target: Target): number {
  const assigned = p.state.need('device').domain;
  return assigned === null ? target.spa : (gpaOf(p.state.need('domain', assigned), target.spa) ?? target.spa);
}
