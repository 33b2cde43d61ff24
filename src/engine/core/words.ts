/** A name at the start of a sentence: `alice` → `Alice`. */
export const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const ACTORS: Readonly<Record<string, string>> = {
  device: 'the device',
  probe: 'the probe',
  asp: 'the secure processor',
  owner: 'the guest owner',
};

/** An actor inside a sentence: `Alice`, `Xen`, `the device`. */
export const called = (actor: string): string => ACTORS[actor] ?? capital(actor);
