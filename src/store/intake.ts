import { createStore } from 'zustand/vanilla';
import { EngineGone } from '../worker/client';
import type { Place } from '../worker/protocol';
import { engineStore } from './engine';
import { notify, notifyRefusal } from './notices';
import { branchingOff, engine, openPlace, perform } from './session';
import { openTab } from './view';

export const LARGEST_FILE = 64 * 1024 * 1024;
export const LARGEST_CONFIG = 64 * 1024;
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

/** A guest configuration that waits to be put into Domain-0. */
export interface DroppedConfig {
  /** As Domain-0 will call it, and as the file was called. */
  readonly name: string;
  readonly dropped: string;
  readonly text: string;
  readonly again: () => void;
}

export interface IntakeState {
  readonly parcel: Parcel | null;
  readonly config: DroppedConfig | null;
  /** While it is being written: 0 … 1, and what is happening. */
  readonly progress: { readonly done: number; readonly what: string } | null;
}

export const intakeStore = createStore<IntakeState>(() => ({ parcel: null, config: null, progress: null }));

export const offerParcel = (parcel: Parcel): void => intakeStore.setState({ parcel, progress: null });
export const dropParcel = (): void => intakeStore.setState({ parcel: null, progress: null });

export const offerConfig = (config: DroppedConfig): void => intakeStore.setState({ config });
export const dropConfig = (): void => intakeStore.setState({ config: null });

/** Puts a configuration into Domain-0, and lets xl create its guest. A refusal is shown with the rule that refused. */
export async function putConfig(name: string, text: string, create: boolean): Promise<void> {
  dropConfig();
  const fault = () => engineStore.getState().status?.outcome?.fault ?? null;
  if (!(await perform({ type: 'dom0.file', name, text })) || fault()) return;
  if (!create) {
    const message = `xl create ${name} makes a guest of it.`;
    notify({ tone: 'done', title: `${name} is in Domain-0`, message });
    return;
  }
  if (!(await perform({ type: 'xl.create', config: name })) || fault()) return;
  notify({
    tone: 'done',
    title: `xl create ${name}`,
    message: 'The guest was made and runs.',
    offer: { label: 'Show the calls', perform: () => openTab('xen') },
  });
}

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
