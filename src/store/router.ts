import type { Status } from '../worker/protocol';
import { formatAddress, formatRoom, formatSaved, parseAddress, parseRoom, parseSaved } from './address';
import { adoptSaveId, currentSaveId, keepSession, savedPlace, savedSession } from './autosave';
import { engineStore } from './engine';
import { awaitPicture } from './firstPicture';
import { gameStore, playAsSaid, roleInAddress } from './game';
import { notify } from './notices';
import { connected, engine, move, openPlace, type Trail, takeTrail } from './session';
import { showStep } from './transport';
import { INITIAL_VIEW, openRoom, setView, viewStore } from './view';

const SAVE_AFTER = 400;

/** The session's part of the address: its link, or where this browser keeps it when it is too long for one. */
const sessionAddress = ({ link, cursor }: Status): string =>
  'hash' in link ? link.hash : formatSaved(currentSaveId(), cursor);

/** The whole address of what is on screen now, from `#` on. */
export function currentAddress(): string {
  const { status } = engineStore.getState();
  if (!status) return location.hash;
  const { room, tab, page } = viewStore.getState();
  if (room !== null) return formatRoom(room);
  const role = status.scenario === null ? roleInAddress() : null;
  return formatAddress({ session: sessionAddress(status), tab, page, role }, INITIAL_VIEW.tab);
}

/** What the address bar shows as soon as what it names is on the screen: writing it takes milliseconds. */
let unwritten: { readonly address: string; readonly how: Trail } | null = null;

function writeNow(): void {
  if (!unwritten) return;
  const { address, how } = unwritten;
  unwritten = null;
  if (address === location.hash) return;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

/** A place to come back to is never written over unwritten. */
function write(how: Trail): void {
  if (following > 0) return;
  if (how === 'push') writeNow();
  if (!unwritten) afterPicture(writeNow);
  unwritten = { address: currentAddress(), how: unwritten?.how ?? how };
}

/** Once what is known now has been drawn; nothing is drawn in a hidden window. */
function afterPicture(work: () => void): void {
  if (document.hidden) setTimeout(work);
  else requestAnimationFrame(() => setTimeout(work));
}

/** True if the address could be opened; otherwise a sentence has said why. */
async function openAddress(hash: string): Promise<boolean> {
  const room = parseRoom(hash);
  if (room !== null) {
    if (!engineStore.getState().status && !(await openUsual())) return false;
    openRoom(room);
    return true;
  }
  const { session, tab, page, role } = parseAddress(hash);
  const opened = await openSession(session);
  if (!opened) return false;
  playAsSaid(role);
  setView({ tab: tab ?? INITIAL_VIEW.tab, page, offset: 0 });
  const step = engineStore.getState().status?.scenario?.step;
  if (tab === null && page === null && step !== undefined) showStep(step);
  return opened;
}

async function openSession(session: string): Promise<boolean> {
  const saved = parseSaved(session);
  if (!saved) return openPlace({ kind: 'link', hash: session }, 'replace');
  if (saved.id !== currentSaveId() || !engineStore.getState().status) {
    const bytes = await savedSession(saved.id);
    if (!bytes) {
      notify({
        tone: 'refused',
        title: 'This session is not in this browser',
        message:
          'It was too long for a link, so only the browser that made it has it. Ask for the session file.',
        where: session,
      });
      return false;
    }
    if (!(await openPlace(savedPlace(bytes), 'replace'))) return false;
    adoptSaveId(saved.id);
  }
  return saved.change === null || move({ to: 'change', change: saved.change }, 'replace');
}

const openUsual = (): Promise<boolean> => openPlace({ kind: 'usual' }, 'replace');

/** Opens what the address asks for, then keeps address and session in step. */
export async function startRouter(): Promise<void> {
  awaitPicture();
  if (!(await connected())) return;
  const asked = parseAddress(location.hash);
  const opened = asked.session !== '' && (await openAddress(location.hash));
  if (!opened) await openUsual();
  write('replace');

  engineStore.subscribe(({ status }, before) => {
    if (!status || status === before.status) return;
    if (status.scenario && !before.status?.scenario) playAsSaid(null);
    if (before.status && sessionAddress(status) !== sessionAddress(before.status)) write(takeTrail());
    if ('tooLong' in status.link) keepSoon();
  });
  viewStore.subscribe(({ room }, before) => write(room === before.room ? 'replace' : 'push'));
  gameStore.subscribe(() => write('replace'));
  addEventListener('popstate', () => void follow(location.hash));
}

/** Addresses that are being opened. Until then the one in the bar is right, and what is on screen half of each. */
let following = 0;

/** Back, Forward, or a link pasted into the address bar. A bad one gives way to the address of what is still on screen. */
async function follow(hash: string): Promise<void> {
  unwritten = null;
  if (hash === currentAddress()) return;
  following++;
  const opening = parseAddress(hash).session === '' ? openUsual() : openAddress(hash);
  await opening.finally(() => following--);
  write('replace');
}

let timer: ReturnType<typeof setTimeout> | undefined;

function keepSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const file = await engine.save().catch(() => null);
    if (file && !(await keepSession(file))) {
      notify({
        tone: 'refused',
        title: 'This session is not being kept',
        message: 'It is too long for a link and this browser has no room for it. Share offers it as a file.',
      });
    }
  }, SAVE_AFTER);
}
