import { creationByXl } from './oldCreation';
import { CURRENT_VERSION } from './version';

const OLDEST_VERSION = 0;

/** Turns one version's form into the next one's; what it does not recognise it passes on, and the schema refuses it. */
export interface Upgrader {
  /** A link after its version mark. */
  readonly link: (text: string) => string;
  /** The document of a link for free play or of a session file. */
  readonly document: (document: unknown) => unknown;
}

const UPGRADERS: Readonly<Record<number, Upgrader>> = {
  // Version 0 had `s=<scenario>&n=<step>` links only, counted actions as its cursor, and kept neither view nor files.
  0: {
    link: (text) => {
      const fields = /^s=([^&]*)&n=([^&]*)$/.exec(text);
      return fields ? `s/${fields[1]}/${fields[2]}` : text;
    },
    document: (document) => {
      if (typeof document !== 'object' || document === null) return document;
      const { cursor, ...rest } = document as { cursor?: unknown };
      return { view: '', blobs: {}, ...rest, cursor: { action: cursor, offset: 0 } };
    },
  },
  // Version 1 had one action that made a guest of any size, one that destroyed it, and only one Xen.
  1: { link: (text) => text, document: creationByXl },
};

/** @throws Error when a version between the oldest and the current one has no upgrader: a release cannot leave it out. */
export function checkUpgraders(
  table: Readonly<Record<number, Upgrader>>,
  oldest: number,
  current: number,
): void {
  for (let version = oldest; version < current; version++) {
    if (!table[version]) throw new Error(`nothing upgrades version ${version} to ${version + 1}`);
  }
}

checkUpgraders(UPGRADERS, OLDEST_VERSION, CURRENT_VERSION);

export const isKnownVersion = (version: number): boolean =>
  Number.isInteger(version) && version >= OLDEST_VERSION && version <= CURRENT_VERSION;

/** @param version a known one; see `isKnownVersion`. */
export function upgradeLink(version: number, text: string): string {
  return upgraders(version).reduce((older, upgrader) => upgrader.link(older), text);
}

/** @param version a known one; see `isKnownVersion`. */
export function upgradeDocument(version: number, document: unknown): unknown {
  return upgraders(version).reduce((older, upgrader) => upgrader.document(older), document);
}

/** One sentence for a version that this release does not know. */
export const unknownVersion = (what: string, version: number): string =>
  version > CURRENT_VERSION
    ? `The ${what} was made by a newer SEVscope (version ${version}; this one reads up to ${CURRENT_VERSION}).`
    : `The ${what} names version ${version}, which never existed.`;

function upgraders(version: number): Upgrader[] {
  const needed: Upgrader[] = [];
  for (let n = version; n < CURRENT_VERSION; n++) needed.push(UPGRADERS[n]!);
  return needed;
}
