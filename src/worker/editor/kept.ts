/** The texts that scripts were read from, by who follows them. */
const texts = new WeakMap<object, string>();

export const keepText = (player: object, text: string): void => void texts.set(player, text);

export const keptText = (player: object): string | null => texts.get(player) ?? null;
