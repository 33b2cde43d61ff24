import type { GhcbFieldView, GhcbView } from '../../../worker/protocol';

const WORD = 8;

/** A quadword of the page that is shown: with the field that lies there, or bytes that belong to none. */
export interface GhcbRow {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly field: GhcbFieldView | null;
}

const within = ({ offset, size }: GhcbFieldView, at: number): boolean => at >= offset && at < offset + size;

/** Parts so large that only what is in them is shown. */
const isArea = ({ size }: GhcbFieldView): boolean => size > 2 * WORD;

/** The quadwords that hold a field, or something other than zero. */
export function ghcbRows({ bytes, fields }: GhcbView): GhcbRow[] {
  const rows: GhcbRow[] = [];
  for (let at = 0; at < bytes.length; at += WORD) {
    const word = bytes.subarray(at, at + WORD);
    const own = fields.filter(
      (field) => !isArea(field) && field.offset < at + WORD && field.offset + field.size > at,
    );
    const area = fields.find((field) => isArea(field) && within(field, at)) ?? null;
    if (own.length > 0) {
      for (const field of own) {
        const from = Math.max(at, field.offset);
        const to = Math.min(at + WORD, field.offset + field.size);
        rows.push({ offset: from, bytes: bytes.subarray(from, to), field });
      }
    } else if (word.some((byte) => byte !== 0)) rows.push({ offset: at, bytes: word, field: area });
  }
  return rows;
}

export type WordTone = 'valid' | 'field' | 'data' | 'area' | 'none';

/** What each of the page’s 512 quadwords holds, for the picture of the page. */
export function ghcbWords({ bytes, fields }: GhcbView): WordTone[] {
  return Array.from({ length: bytes.length / WORD }, (_, index) => {
    const at = index * WORD;
    const field = fields.find(({ offset, size }) => offset < at + WORD && offset + size > at);
    if (field && !isArea(field)) return field.valid ? 'valid' : 'field';
    const data = bytes.subarray(at, at + WORD).some((byte) => byte !== 0);
    return data ? 'data' : field ? 'area' : 'none';
  });
}
