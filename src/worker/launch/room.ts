import type { SnpLaunch } from '../../engine/asp/image/snpLaunch';
import { toHex } from '../../engine/core/bytes';
import type { Fault } from '../../engine/core/fault';
import type { Surroundings } from '../commands';
import type { EngineApi, LaunchChange, LaunchReply, LaunchSettings, Refusal } from '../protocol';
import { refused } from '../replies';
import { changedFiles, type Files, NO_FILES } from './files';
import { type Film, finalDigest, firstDifference, type Slices, shootFilm } from './film';
import { framesView, frameView } from './frames';
import { idBlockView } from './idBlock';
import { type Meant, USUAL_SETTINGS, understand } from './settings';
import { launchView, type Standing } from './view';

export type LaunchApi = Pick<
  EngineApi,
  'launch' | 'changeLaunch' | 'cancelLaunch' | 'launchFrames' | 'launchFrame'
>;

const NOTHING: Standing = { files: NO_FILES, settings: USUAL_SETTINGS, film: null, flip: null };

/** An ID block is compared with the digest; these change nothing about it. */
const NOT_MEASURED: readonly (keyof LaunchSettings)[] = ['policy', 'authorKey'];
/** A byte that is to be inverted, before anything is known of it. */
const NO_FLIP = { before: 0, after: 0, first: null, digest: null, fault: null, shot: null } as const;

/** Does a change ask for another film? */
const measures = (before: Files, after: Files, { settings = {} }: LaunchChange): boolean =>
  (['image', 'kernel', 'initrd'] as const).some((kind) => before[kind] !== after[kind]) ||
  (Object.keys(settings) as (keyof LaunchSettings)[]).some((name) => !NOT_MEASURED.includes(name));

/** Where in the image the fault lies, as its inputs say. */
function whereOf(name: string, { inputs }: Fault): string {
  const { offset } = inputs;
  return typeof offset === 'number' ? `${name}, offset 0x${offset.toString(16)}` : name;
}

const notMeasured = (name: string, fault: Fault): Refusal =>
  refused('This launch cannot be measured', `${fault.message} ${fault.remedy}`, whereOf(name, fault)).refusal;

/** The bytes of what was handed over; null for a file that cannot be read any more. */
const readHere = async (given: Uint8Array | Blob): Promise<Uint8Array | null> =>
  given instanceof Uint8Array
    ? given
    : given.arrayBuffer().then(
        (buffer) => new Uint8Array(buffer),
        () => null,
      );

const unreadable = (name: string): Refusal =>
  refused('This file cannot be read', 'It has changed or gone since it was chosen.', name).refusal;

function launchOf({ files }: Standing, meant: Meant): SnpLaunch | null {
  if (!files.image) return null;
  const { kernel, initrd } = files;
  return {
    image: files.image.bytes,
    imageDigest: meant.imageDigest,
    kernel: kernel && {
      kernel: kernel.bytes,
      initrd: initrd?.bytes ?? null,
      append: meant.append === '' ? null : meant.append,
    },
    vcpus: meant.vcpus,
    vmm: meant.vmm,
    signature: meant.signature,
    features: meant.features,
  };
}

/** The film with one byte of the image inverted. Null: cancelled. */
async function shootFlip(film: Film, offset: number, slices: Slices): Promise<Standing['flip']> {
  const image = film.launch.image.slice();
  const before = image[offset] ?? 0;
  const after = before ^ 0xff;
  image[offset] = after;
  const shot = await shootFilm({ ...film.launch, image }, slices);
  if (!shot) return null;
  if (!shot.ok) return { offset, before, after, first: null, digest: null, fault: shot.fault, shot: null };
  return {
    offset,
    before,
    after,
    first: firstDifference(film, shot.value),
    digest: toHex(finalDigest(shot.value)),
    fault: null,
    shot: shot.value,
  };
}

/** The launches that are measured for the window: beside the machine, which they do not move. */
export function createLaunchRoom({
  now,
  pause,
}: Surroundings): LaunchApi & { readonly standing: () => Standing } {
  let standing = NOTHING;
  /** What was asked for last; the same as `standing` unless work is under way. */
  let wanted = NOTHING;
  let turn = 0;
  let films = 0;

  const reply = (refusal: Refusal | null): LaunchReply => ({
    view: launchView(standing, idBlockView(standing)),
    refusal,
  });
  const back = (refusal: Refusal | null): LaunchReply => {
    wanted = standing;
    return reply(refusal);
  };

  return {
    standing: () => standing,

    launch: async () => reply(null).view,

    changeLaunch: async (change, onProgress) => {
      const bytes = change.bytes ? await readHere(change.bytes) : null;
      if (change.bytes && !bytes) return reply(unreadable(change.put?.name ?? ''));
      const files = changedFiles(wanted.files, change, bytes);
      if (!files.ok) return reply(files.refusal);
      const settings = { ...wanted.settings, ...change.settings };
      const meant = understand(settings);
      if (!meant.ok) return reply(meant.refusal);
      const image = files.value.image;
      const kept = files.value.image === wanted.files.image ? (wanted.flip?.offset ?? null) : null;
      const asked = change.flip === undefined ? kept : change.flip;
      const length = image?.bytes.length ?? 0;
      if (change.flip != null && !(Number.isInteger(change.flip) && change.flip >= 0 && change.flip < length))
        return reply(
          refused(
            'There is no such byte',
            `The image has ${length} bytes, at offsets from 0x0 to 0x${Math.max(0, length - 1).toString(16)}.`,
            'Offset of the byte',
          ).refusal,
        );
      const flipped = asked !== null && asked < length ? asked : null;

      const mine = ++turn;
      const parts = flipped === null ? 1 : 2;
      const slices = (part: number): Slices => ({
        now,
        pause,
        cancelled: () => turn !== mine,
        onProgress: (done) => onProgress((part + done) / parts, image?.name ?? ''),
      });
      const next = { ...wanted, files: files.value, settings };
      const again =
        measures(wanted.files, files.value, change) || (wanted !== standing && wanted.film === null);
      const flip = flipped === null ? null : { ...NO_FLIP, offset: flipped };
      wanted = again ? { ...next, film: null, flip } : { ...next, flip };

      const launch = launchOf(next, meant.value);
      let { film } = next;
      if (again) {
        film = null;
        const shot = launch && (await shootFilm(launch, slices(0)));
        if (turn !== mine) return reply(null);
        if (shot && !shot.ok) return back(notMeasured(image?.name ?? '', shot.fault));
        if (shot) film = { id: ++films, shot: shot.value };
      }
      const known = !again && film === standing.film && standing.flip?.offset === flipped;
      let made = known ? standing.flip : null;
      if (film && flipped !== null && !known) made = await shootFlip(film.shot, flipped, slices(1));
      if (turn !== mine) return reply(null);
      standing = { ...next, film, flip: film ? made : null };
      return back(null);
    },

    cancelLaunch: async () => {
      turn++;
      wanted = standing;
    },

    launchFrames: async (indices) => framesView(standing, indices),

    launchFrame: async (index) => frameView(standing, index),
  };
}
