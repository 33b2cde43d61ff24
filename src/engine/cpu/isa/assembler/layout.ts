import { encode, little } from '../encode';
import type { Form } from '../form';
import { resolve, type Value } from './match';
import type { Statement, WrittenData, WrittenInstruction } from './written';

/** A statement with the forms that it may take; none for data. */
export interface Piece {
  readonly statement: Statement;
  readonly forms: readonly Form[];
}

/** Where every piece stands. */
export interface Layout {
  /** Of each piece, and the end of the last one. */
  readonly offsets: readonly number[];
  /** Null when the numbers of a piece fit none of its forms. */
  readonly bytes: readonly (Uint8Array | null)[];
  /** The address of a piece; of the end, when there is none of this number. */
  readonly address: (index: number) => bigint;
  /** What sums in a piece are worth. */
  readonly valueIn: (index: number) => Value;
}

function encoded(
  form: Form,
  { operands, rep }: WrittenInstruction,
  worth: Value,
  end: bigint | null,
): Uint8Array | null {
  const resolved = form.slots.flatMap((slot, index) => {
    const written = operands[index];
    return (written && resolve(slot, written, worth, end)) ?? [];
  });
  return encode(form, resolved, rep);
}

/** The shortest bytes of at least `least`; null when the numbers fit no form. */
function instructionBytes(
  written: WrittenInstruction,
  forms: readonly Form[],
  least: number,
  worth: Value,
  start: bigint,
): Uint8Array | null {
  let best: Uint8Array | null = null;
  for (const form of forms) {
    const length = encoded(form, written, worth, null)?.length;
    if (length === undefined || length < least || (best && best.length <= length)) continue;
    best = encoded(form, written, worth, start + BigInt(length)) ?? best;
  }
  return best;
}

function dataBytes({ unit, values }: WrittenData, worth: Value): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value) =>
      typeof value === 'string'
        ? [...value].map((character) => character.charCodeAt(0))
        : little(worth(value), unit),
    ),
  );
}

const sums = (lengths: readonly number[]): number[] => {
  const offsets = [0];
  for (const length of lengths) offsets.push((offsets.at(-1) ?? 0) + length);
  return offsets;
};

/**
 * Finds the shortest encoding of every piece. Everything begins without a length and only grows, so this ends: at the
 * latest when all have their longest form. `labels` gives the piece that each label stands before.
 */
export function layOut(
  pieces: readonly Piece[],
  labels: ReadonlyMap<string, number>,
  origin: bigint,
): Layout {
  const lengths = pieces.map(() => 0);
  for (;;) {
    const offsets = sums(lengths);
    const address = (index: number): bigint => origin + BigInt(offsets[index] ?? offsets.at(-1) ?? 0);
    const valueIn =
      (index: number): Value =>
      ({ constant, label }) =>
        label === null ? constant : constant + address(label === '$' ? index : (labels.get(label) ?? index));
    const bytes = pieces.map(({ statement, forms }, index) =>
      statement.kind === 'data'
        ? dataBytes(statement, valueIn(index))
        : instructionBytes(statement, forms, lengths[index] ?? 0, valueIn(index), address(index)),
    );
    const grown = bytes.map((found, index) => found?.length ?? lengths[index] ?? 0);
    if (grown.every((length, index) => length === lengths[index]))
      return { offsets, bytes, address, valueIn };
    lengths.splice(0, lengths.length, ...grown);
  }
}
