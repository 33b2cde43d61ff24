import { createStore } from 'zustand/vanilla';
import type { Fault } from '../engine/core/fault';
import type { Refusal } from '../worker/protocol';

/** `refused`: input that was wrong. `fault`: the machine said no. `crash`: our own fault. `done`: good news. `offer`: a way to go. */
export type Tone = 'refused' | 'fault' | 'crash' | 'done' | 'offer';

export interface Notice {
  readonly id: number;
  readonly tone: Tone;
  readonly title: string;
  readonly message: string;
  /** File and position, where known. */
  readonly where: string | null;
  /** For a fault: the rule that refused, its source and what would have to be different. */
  readonly fault: Fault | null;
  /** A way out, as one button. */
  readonly offer: { readonly label: string; readonly perform: () => void } | null;
  /** Still shown in the corner; dismissed ones stay in the list. */
  readonly open: boolean;
}

export interface NoticesState {
  /** The last ones, newest first. */
  readonly notices: readonly Notice[];
}

const KEPT = 20;
const SHOWN = 3;

export const noticesStore = createStore<NoticesState>(() => ({ notices: [] }));

let nextId = 1;

export function notify(
  notice: Pick<Notice, 'tone' | 'title' | 'message'> & Partial<Pick<Notice, 'where' | 'fault' | 'offer'>>,
): number {
  const id = nextId++;
  const fresh: Notice = { where: null, fault: null, offer: null, ...notice, id, open: true };
  noticesStore.setState(({ notices }) => {
    const others = notices.filter((old) => old.title !== fresh.title || old.message !== fresh.message);
    return { notices: [fresh, ...others].slice(0, KEPT) };
  });
  return id;
}

export const notifyRefusal = ({ title, message, where }: Refusal, offer: Notice['offer'] = null): number =>
  notify({ tone: 'refused', title, message, where, offer });

export const dismiss = (id: number): void =>
  noticesStore.setState(({ notices }) => ({
    notices: notices.map((notice) => (notice.id === id ? { ...notice, open: false } : notice)),
  }));

/** What was said about the last thing done goes when the next is done; what needs care stays until dismissed. */
export const settleNotices = (): void =>
  noticesStore.setState(({ notices }) => ({
    notices: notices.map((notice) => (notice.tone === 'crash' ? notice : { ...notice, open: false })),
  }));

export const shownNotices = ({ notices }: NoticesState): readonly Notice[] =>
  notices.filter(({ open }) => open).slice(0, SHOWN);
