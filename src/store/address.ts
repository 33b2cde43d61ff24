/**
 * The address bar: `#` and the session's own link (its form belongs to the history), or `#saved=…` for a session that is too
 * long for a link and lies in this browser; then, optionally, `&v=tab.page` for how it is looked at, and `&as=role` for whose
 * hands one has in a game. Or a room of its own,
 * such as `#2/attacks` or `#2/compare/<scenario>/<machine>,<machine>/<step>`, which leaves the session as it is.
 */
export interface Address {
  /** From `#` on, without the view; empty for a plain visit. */
  readonly session: string;
  readonly tab: string | null;
  readonly page: number | null;
  /** Null: the role that comes first. */
  readonly role: string | null;
}

export interface SavedPlace {
  readonly id: string;
  readonly change: number | null;
}

const VIEW = /&v=([a-z-]{0,24})(?:\.([0-9a-f]{1,8}))?$/;
const ROLE = /&as=([a-z]{1,16})$/;
const SAVED = /^#saved=([a-z0-9]{4,24})(?:@(\d{1,12}))?$/;

export function parseAddress(hash: string): Address {
  const role = ROLE.exec(hash);
  const seen = role ? hash.slice(0, role.index) : hash;
  const view = VIEW.exec(seen);
  const session = view ? seen.slice(0, view.index) : seen;
  return {
    session: session === '#' ? '' : session,
    tab: view?.[1] || null,
    page: view?.[2] ? Number.parseInt(view[2], 16) : null,
    role: role?.[1] ?? null,
  };
}

/** The tab that comes first anyway is left out, so that a plain link stays short. */
export function formatAddress({ session, tab, page, role }: Address, usualTab: string): string {
  if (!session) return '';
  const shownTab = tab && tab !== usualTab ? tab : '';
  const shownPage = page === null ? '' : `.${page.toString(16)}`;
  const view = shownTab || shownPage ? `&v=${shownTab}${shownPage}` : '';
  return `${session}${view}${role === null ? '' : `&as=${role}`}`;
}

const ROOM = /^#\d{1,6}\/((?:attacks|compare)(?:\/[a-z0-9@.:,~/-]{0,400})?)$/;

/** A full view beside the machine, by its path behind the version: `#2/attacks`; null for any other address. */
export const parseRoom = (hash: string): string | null => ROOM.exec(hash)?.[1] ?? null;

export const formatRoom = (room: string): string => `#2/${room}`;

export function parseSaved(session: string): SavedPlace | null {
  const match = SAVED.exec(session);
  return match?.[1] ? { id: match[1], change: match[2] ? Number(match[2]) : null } : null;
}

export const formatSaved = (id: string, change: number): string => `#saved=${id}@${change}`;
