/** A field of a command buffer: name, bytes, meaning. Offsets follow from the order: the structures are packed. */
export type Row = readonly [name: string, size: number, meaning: string];

/** What fields say that have to be 0. */
export const RESERVED = 'reserved';
