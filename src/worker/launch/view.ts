import {
  ENTRY_NAMES,
  metadataDistance,
  readFirmwareTable,
  tableEntries,
} from '../../engine/asp/image/firmwareTable';
import { sectionOffset, sevSections } from '../../engine/asp/image/sevMetadata';
import { VCPU_SIGNATURES } from '../../engine/asp/image/vcpuTypes';
import { VMM_TYPES } from '../../engine/asp/image/vmsa';
import { toHex } from '../../engine/core/bytes';
import type {
  FilmView,
  FlipView,
  IdBlockView,
  LaunchImageView,
  LaunchSettings,
  LaunchView,
} from '../protocol';
import type { Files, LaunchFile } from './files';
import { digestAfter, digestBefore, type Film, finalDigest } from './film';

/** A launch as it stands: what was handed over, and what came of it. */
export interface Standing {
  readonly files: Files;
  readonly settings: LaunchSettings;
  readonly film: { readonly id: number; readonly shot: Film } | null;
  readonly flip: (FlipView & { readonly shot: Film | null }) | null;
}

const LONGEST_VALUE = 64;

const PROCESSORS = [...VCPU_SIGNATURES.keys()];

function imageView(image: Uint8Array, film: Film | null): LaunchImageView {
  const entries = tableEntries(image);
  const table = readFirmwareTable(image);
  const sections = table.ok ? sevSections(image, table.value) : table;
  const distance = table.ok ? (metadataDistance(table.value) ?? 0) : 0;
  return {
    length: image.length,
    entries: (entries.ok ? entries.value : []).map(({ guid, offset, data }) => ({
      guid,
      name: ENTRY_NAMES[guid] ?? null,
      offset,
      length: data.length,
      value: toHex(data.subarray(0, LONGEST_VALUE)),
    })),
    sections: (sections.ok ? sections.value : []).map(({ kind, gpa, pages }, i) => ({
      kind,
      offset: sectionOffset(image, distance, i),
      gpa,
      pages,
      type: film?.runs.find((run) => run.what === kind && run.gpa === gpa)?.type ?? '',
    })),
  };
}

const filmView = (id: number, film: Film): FilmView => ({
  id,
  frames: film.frames,
  runs: film.runs.map(({ what, type, gpa, pages }, i) => {
    const from = film.starts[i] ?? 0;
    return {
      what,
      type,
      gpa,
      pages,
      from,
      before: toHex(digestBefore(film, from)),
      after: toHex(digestBefore(film, from + pages)),
    };
  }),
  digest: toHex(finalDigest(film)),
});

const named = (file: LaunchFile | null) => file && { name: file.name, length: file.bytes.length };

export function launchView(
  { files, settings, film, flip }: Standing,
  idBlock: IdBlockView | null,
): LaunchView {
  return {
    files: {
      image: named(files.image),
      kernel: named(files.kernel),
      initrd: named(files.initrd),
      'id-block': named(files['id-block']),
      'id-auth': named(files['id-auth']),
    },
    settings,
    processors: PROCESSORS,
    vmms: VMM_TYPES,
    image: files.image && imageView(files.image.bytes, film?.shot ?? null),
    film: film && filmView(film.id, film.shot),
    flip: flip && {
      offset: flip.offset,
      before: flip.before,
      after: flip.after,
      first: flip.first,
      digest: flip.digest,
      fault: flip.fault,
    },
    idBlock,
  };
}

/** The digest after a frame with the byte inverted, where it is another. */
export function otherDigest(standing: Standing, frame: number): string | null {
  const { flip } = standing;
  if (!flip?.shot || flip.first === null || frame < flip.first || frame >= flip.shot.frames) return null;
  return toHex(digestAfter(flip.shot, frame));
}
