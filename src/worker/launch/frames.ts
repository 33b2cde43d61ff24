import { encodePageInfo, NO_PERMISSIONS, PAGE_INFO_FIELDS } from '../../engine/asp/snp/pageInfo';
import { PAGE_SIZE } from '../../engine/core/address';
import { readUint, toHex } from '../../engine/core/bytes';
import type { FilmFrame, FrameView } from '../protocol';
import { contentsAt, digestAfter, digestBefore, type Film, runOf } from './film';
import { otherDigest, type Standing } from './view';

const MOST_FRAMES = 256;

function frameOf(standing: Standing, film: Film, index: number): FilmFrame {
  const number = runOf(film, index);
  const run = film.runs[number];
  const page = index - (film.starts[number] ?? 0);
  return {
    index,
    what: run?.what ?? '',
    type: run?.type ?? '',
    gpa: (run?.gpa ?? 0) + page * PAGE_SIZE,
    contents: toHex(contentsAt(film, index)),
    before: toHex(digestBefore(film, index)),
    after: toHex(digestAfter(film, index)),
    other: otherDigest(standing, index),
  };
}

/** Some frames, at most 256; those that do not exist are left out. */
export function framesView(standing: Standing, indices: readonly number[]): readonly FilmFrame[] {
  const film = standing.film?.shot;
  if (!film) return [];
  return indices
    .slice(0, MOST_FRAMES)
    .filter((index) => Number.isInteger(index) && index >= 0 && index < film.frames)
    .map((index) => frameOf(standing, film, index));
}

/** A frame with its PAGE_INFO and its page; null when there is no such frame. */
export function frameView(standing: Standing, index: number): FrameView | null {
  const film = standing.film?.shot;
  const number = film ? runOf(film, index) : 0;
  const run = film?.runs[number];
  if (!film || !run || !Number.isInteger(index) || index < 0 || index >= film.frames) return null;
  const frame = frameOf(standing, film, index);
  const info = encodePageInfo(digestBefore(film, index), {
    type: run.type,
    gpa: frame.gpa,
    contents: contentsAt(film, index),
    permissions: NO_PERMISSIONS,
    imi: false,
  });
  const page = index - (film.starts[number] ?? 0);
  const at = run.bytes && (run.type === 'VMSA' ? 0 : page * PAGE_SIZE);
  return {
    ...frame,
    info,
    fields: PAGE_INFO_FIELDS.map(({ name, offset, size, means }) => ({
      name,
      offset,
      size,
      means,
      value:
        size > 8
          ? toHex(info.subarray(offset, offset + size))
          : `0x${readUint(info, offset, size).toString(16)}`,
    })),
    bytes: at === null ? null : (run.bytes?.slice(at, at + PAGE_SIZE) ?? null),
    imageOffset: run.what === 'image' ? page * PAGE_SIZE : null,
  };
}
