import { USUAL_GUESTS } from '../../engine/toolstack/files';

/** Names that a scenario's own text makes, and those that every machine has. */
export interface Names {
  readonly guests: readonly string[];
  readonly configs: readonly string[];
  /** What guests have in their memory, as addresses are written: `alice:balance`. */
  readonly places: readonly string[];
}

const GUEST = /\bguest:\s{0,8}["']?([a-z][a-z0-9-]{0,15})\b/g;
const CONFIG = /\bconfig:\s{0,8}["']?([a-z][a-z0-9-]{0,15})\.cfg\b/g;
const OBJECT = /\bguest:\s{0,8}["']?([a-z][a-z0-9-]{0,15})\b[^\n}]{0,200}?\bname:\s{0,8}["']?([\w.-]{1,32})/g;
const MOST = 40;

/** The names in a text, those that it uses first. */
export function namesIn(text: string): Names {
  const used = [...text.matchAll(CONFIG), ...text.matchAll(GUEST)].map(([, name = '']) => name);
  const guests = [...new Set([...used, ...USUAL_GUESTS])].slice(0, MOST);
  const objects = [...text.matchAll(OBJECT)].map(([, guest, name]) => `${guest}:${name}`);
  return {
    guests,
    configs: guests.map((name) => `${name}.cfg`),
    places: [...new Set([...objects, ...guests.map((name) => `${name}:kernel`)])].slice(0, MOST),
  };
}
