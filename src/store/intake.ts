import { createStore } from 'zustand/vanilla';
import { EngineGone } from '../worker/client';
import type { Place } from '../worker/protocol';
import { engineStore } from './engine';
import { notify, notifyRefusal } from './notices';
import { branchingOff, engine, openPlace } from './session';

export const LARGEST_FILE = 64 * 1024 * 1024;
const LARGEST_MACHINE = 2 ** 40;
const LONGEST_NAME = 64;

/** A file that waits to be put into a guest's memory. */
export interface Parcel {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** For a picture: its pixels are the bytes, four each. */
  readonly picture: { readonly width: number; readonly height: number } | null;
  /** What was done to it on the way, in a sentence. */
  readonly note: string | null;
  /** Reads and offers the file once more: the bytes of this parcel move over to the worker. */
  readonly again: () => void;
}

export interface IntakeState {
  readonly parcel: Parcel | null;
  /** While it is being written: 0 … 1, and what is happening. */
  readonly progress: { readonly done: number; readonly what: string } | null;
}

export const intakeStore = createStore<IntakeState>(() => ({ parcel: null, progress: null }));

export const offerParcel = (parcel: Parcel): void => intakeStore.setState({ parcel, progress: null });
export const dropParcel = (): void => intakeStore.setState({ parcel: null, progress: null });

export const openFile = (name: string, bytes: Uint8Array): Promise<boolean> =>
  openPlace({ kind: 'file', name, bytes });

/** The next machine size that leaves room for a file beside what is there. */
export function roomyMemory(memory: number, bytes: number): number | null {
  let next = memory * 2;
  while (next < bytes * 4) next *= 2;
  return next <= LARGEST_MACHINE ? next : null;
}

/** A name as long as an action's may be, its end kept. */
export const shortName = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 21)}…${name.slice(-20)}`;

let cancelled = false;

/** Lets the guest write the file into its memory. Cancelled or refused, nothing has happened. */
export async function deliver(guest: string): Promise<void> {
  const { parcel } = intakeStore.getState();
  if (!parcel) return;
  const { name, bytes, picture, again } = parcel;
  const { length } = bytes;
  cancelled = false;
  const onProgress = (done: number, what: string): void => intakeStore.setState({ progress: { done, what } });
  onProgress(0, 'Starting');
  try {
    const file = { name: shortName(name), guest, bytes, ...(picture ?? {}) };
    const reply = await branchingOff(() => engine.load(file, onProgress));
    dropParcel();
    if (reply.ok) {
      const title = `${name} is in the memory of ${guest}`;
      notify({ tone: 'done', title, message: placed(guest, reply.value.address) });
    } else if (cancelled) {
      notify({
        tone: 'done',
        title: `${name} was not loaded`,
        message: 'You cancelled it, so nothing has happened.',
      });
    } else {
      notifyRefusal(reply.refusal, largerMachine(length, again));
    }
  } catch (error) {
    dropParcel();
    if (!(error instanceof EngineGone)) throw error;
  }
}

/** The open script runs with the waiting picture in place of its own, from its beginning to where it is now. */
export async function putIntoScript(): Promise<void> {
  const { parcel } = intakeStore.getState();
  if (!parcel?.picture) return;
  const { name, bytes, picture } = parcel;
  dropParcel();
  const own = { name: shortName(name), bytes, ...picture };
  if (!(await openPlace({ kind: 'picture', picture: own }))) return;
  notify({
    tone: 'done',
    title: `The script runs with ${name}`,
    message:
      'It stands in a frame of the script’s own size. Each step does the same as before, with these pixels.',
  });
}

/** The open script runs with its own picture again. */
export const forgetOwnPicture = (): Promise<boolean> => openPlace({ kind: 'picture', picture: null });

const placed = (guest: string, address: number): string =>
  `The guest ${guest} wrote it, page by page, from GVA 0x${address.toString(16)} on.`;

function largerMachine(length: number, again: () => void): { label: string; perform: () => void } | null {
  const memory = engineStore.getState().status?.config.memory;
  if (memory === undefined || length * 4 < memory) return null;
  const roomy = roomyMemory(memory, length);
  if (roomy === null) return null;
  const place: Place = { kind: 'reconfigure', config: { memory: roomy } };
  return {
    label: `Use a machine of ${roomy / 2 ** 20} MiB`,
    perform: () => void openPlace(place).then((opened) => opened && again()),
  };
}

export function cancelDelivery(): void {
  cancelled = true;
  void engine.cancel().catch(() => {});
}
