import { PAGE_SIZE } from '../../../engine/core/address';
import type { Fault } from '../../../engine/core/fault';
import type { Eye, Look } from '../../../engine/core/look';
import type { EngineApi, PageView } from '../../../worker/protocol';

export const HOST_VIEWS = ['mapped', '0', '1'] as const;
/** Through which of its mappings the hypervisor looks: as its own tables say, or through an alias with C = 0 or 1. */
export type HostView = (typeof HOST_VIEWS)[number];

export const hostEye = (view: HostView): Eye => ({
  eye: 'host',
  c: view === 'mapped' ? view : view === '0' ? 0 : 1,
});

/** Where the guest's eye looks: through its own tables where it can, else past them with its key. */
export interface GuestPlace {
  readonly space: 'gva' | 'gpa' | 'spa';
  readonly address: number;
}

export function guestPlace(page: PageView, guest: string): GuestPlace {
  const mine = page.mappings.filter((mapping) => mapping.who === guest);
  const virtual = mine.find((mapping) => mapping.virtual !== null)?.virtual;
  if (virtual !== undefined && virtual !== null) return { space: 'gva', address: virtual };
  const gpa = mine.find((mapping) => mapping.gpa !== null)?.gpa;
  if (gpa !== undefined && gpa !== null) return { space: 'gpa', address: gpa };
  return { space: 'spa', address: page.pfn * PAGE_SIZE };
}

/** The same page through three eyes, at one moment. */
export interface LensView {
  readonly page: PageView;
  readonly guest: { readonly place: GuestPlace; readonly look: Look } | null;
  readonly host: Look;
  readonly dram: Look;
}

export async function askLens(
  api: EngineApi,
  pfn: number,
  guest: string | null,
  view: HostView,
): Promise<LensView> {
  const address = pfn * PAGE_SIZE;
  const host = api.look(hostEye(view), address, PAGE_SIZE);
  const dram = api.look({ eye: 'dram' }, address, PAGE_SIZE);
  const page = await api.page(pfn);
  const place = guest === null ? null : guestPlace(page, guest);
  const seen =
    place && guest !== null
      ? api.look({ eye: 'guest', guest, space: place.space }, place.address, PAGE_SIZE)
      : null;
  const look = await seen;
  return { page, guest: place && look ? { place, look } : null, host: await host, dram: await dram };
}

/** What one pane of the lens shows. */
export type PaneState =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly changed: Uint8Array | null;
      readonly key: string;
    }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'none'; readonly title: string; readonly why: string };

export const paneOf = (look: Look, changed: Uint8Array | null): PaneState =>
  look.ok
    ? { kind: 'bytes', bytes: look.bytes, changed, key: look.key }
    : { kind: 'fault', fault: look.fault };

/** Lines that hold newer bytes than the DRAM, by cache and key: what the third eye cannot know yet. */
export function pendingLines(
  page: PageView,
): { readonly complex: number; readonly key: string; readonly count: number }[] {
  const groups = new Map<string, { complex: number; key: string; count: number }>();
  for (const { complex, key, dirty } of page.cachedLines) {
    if (!dirty) continue;
    const name = `${complex}/${key}`;
    const group = groups.get(name) ?? { complex, key, count: 0 };
    group.count++;
    groups.set(name, group);
  }
  return [...groups.values()];
}
