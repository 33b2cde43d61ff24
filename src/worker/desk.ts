import type { Platform } from '../engine/core/platform';
import type { Machine } from '../engine/machine';
import { between, type Feed, wholePicture } from './pageFeed';
import type { Host, Status, Update } from './protocol';
import type { Late, Shown } from './shown';
import { statusOf } from './status';

/** The one open session, and the window that is told of it. */
export class Desk {
  tell: ((update: Update) => void) | null = null;
  /** A long action is on its way: nothing else may begin. */
  working = false;
  late: Late | null = null;
  /** Which of the two hosts is looked at. */
  #host: Host = 'a';
  /** Grows with each changed line of actions. */
  actionsRevision = 0;
  #opened: Shown | null = null;
  #revision = 0;
  #told: Status | null = null;
  /** The machine and the cursor of which the window holds a picture. */
  #pictured: { machine: Machine; cursor: number; line: number } | null = null;

  get opened(): Shown | null {
    return this.#opened;
  }

  /** @throws Error when a question comes before a session stands: a bug of the window. */
  get shown(): Shown {
    if (!this.#opened) throw new Error('no session is open yet');
    return this.#opened;
  }

  /** The host that is looked at: the second one only while it is on. */
  get viewed(): Platform {
    const { machine } = this.shown.player.session;
    return this.#host === 'b' && machine.state.hasFar ? machine.far() : machine;
  }

  viewHost(host: Host): void {
    this.#host = host;
    this.#pictured = null;
  }

  /** Another session takes the place of the one before. */
  put(opened: Shown): void {
    this.#opened = opened;
    this.#pictured = null;
    this.#host = 'a';
    this.actionsRevision++;
  }

  /** The same session, followed by somebody who can do more. */
  follow(opened: Shown): void {
    this.#opened = opened;
  }

  /** The line grew at its end: the window's picture still belongs to it. */
  grown(): void {
    this.actionsRevision++;
    if (this.#pictured) this.#pictured.line = this.actionsRevision;
  }

  /** Sends the window what moved. Actions that only follow the line keep the picture; a cut or a new line sends it whole. */
  async push(): Promise<Status> {
    const { patch, whole } = this.#feed();
    const status = await statusOf(this.shown, this.viewed, this.actionsRevision, this.late?.playLink);
    this.#told = status;
    this.tell?.({ revision: ++this.#revision, patch, whole, status });
    return status;
  }

  /** Shows the pages of a machine at work: what else the window knows waits until the work is done, or taken back. */
  pushLive(): void {
    const { session } = this.shown.player;
    if (!this.#told || this.viewed !== session.machine) return;
    this.#pictured = null;
    this.tell?.({ revision: ++this.#revision, ...wholePicture(session.state), status: this.#told });
  }

  #feed(): Feed {
    const { session } = this.shown.player;
    if (this.viewed !== session.machine) {
      this.#pictured = null;
      return wholePicture(this.viewed.state);
    }
    const cursor = session.position().change;
    const known = this.#pictured;
    this.#pictured = { machine: session.machine, cursor, line: this.actionsRevision };
    if (!known || known.machine !== session.machine || known.line !== this.actionsRevision)
      return wholePicture(session.state);
    return between(session.state, known.cursor, cursor, session.journal.firstKept, (index) =>
      session.journal.at(index),
    );
  }
}
