import { type Action, actionSchema } from '../../engine/actions';
import { PAGE_SIZE, pfnOf } from '../../engine/core/address';
import { toBase64 } from '../../engine/core/base64';
import type { Platform } from '../../engine/core/platform';
import { livingDomains } from '../../engine/xen/domains';
import { hasSnpPlatform } from '../../engine/xen/driver/probe';
import { countFrames } from '../../engine/xen/frames';
import { keysOf } from '../../engine/xen/xl/dialects';
import { checked } from '../../history/located';
import type { Acting } from '../acting';
import type { Desk } from '../desk';
import type { Opened } from '../opener';
import type { EngineApi, LaunchedGuest, Refusal } from '../protocol';
import { BUSY, fine, refused } from '../replies';
import { type Meant, understand } from './settings';
import type { Standing } from './view';

export type LaunchGuestApi = Pick<EngineApi, 'launchOffer' | 'launchGuest'>;

const MIB = 2 ** 20;
const NAME = 'ovmf';
/** How the files are called in Domain-0’s /boot. */
const PLACES = { image: 'firmware.fd', kernel: 'kernel', initrd: 'initrd' } as const;
/** xl’s configuration takes 32 bits. */
const POLICY_BITS = 32n;

/** Bytes of memory that the sections of the metadata need, in whole MiB. */
function memoryFor({ film }: Standing): number {
  const runs = film?.shot.runs.filter(({ what, type }) => what !== 'image' && type !== 'VMSA') ?? [];
  const end = Math.max(MIB, ...runs.map(({ gpa, pages }) => gpa + pages * PAGE_SIZE));
  return Math.ceil(end / MIB) * MIB;
}

/** Why the launch cannot happen on this machine, or null. Fewer frames than these are never enough; xl has the last word. */
function whyNot(p: Platform, standing: Standing, meant: Meant): string | null {
  const { image } = standing.files;
  if (!image || !standing.film) return 'There is nothing to launch yet.';
  if (p.config.technology !== 'sev-snp')
    return 'This machine has no SEV-SNP. Choose it at the top, where the machine is.';
  if (!keysOf(p.config.xen).has('vmm_type'))
    return 'The xl of this Xen cannot name a firmware image for a PVH guest; the one of this project can.';
  if (!p.state.need('power').on || !hasSnpPlatform(p)) return 'SEV-SNP is not initialised on this machine.';
  if (meant.imageDigest) return 'Only the end of the image is here, and a guest needs all of it.';
  if (meant.policy >> POLICY_BITS !== 0n) return 'A configuration of xl takes a policy of 32 bits.';
  if (livingDomains(p).some(({ name }) => name === NAME))
    return `There is a guest ${NAME} already: destroy it first.`;
  const needed = memoryFor(standing) + image.bytes.length;
  const free = countFrames(p.state.need('xen').free) * PAGE_SIZE;
  if (needed <= free) return null;
  const mib = (bytes: number) => Math.ceil(bytes / MIB);
  return `It needs ${mib(needed)} MiB of memory, and ${Math.floor(free / MIB)} MiB are free. A larger machine has room for it.`;
}

/** The newest living guest that started from an image, and the digest in its context. */
function launched(p: Platform): LaunchedGuest | null {
  const domain = livingDomains(p).findLast(({ firmware, context }) => firmware && context !== null);
  const context = domain && p.state.cell('context', pfnOf(domain.context ?? 0));
  return domain && context ? { name: domain.name, digest: context.digest, state: context.state } : null;
}

/** As xl reads a string in double quotes. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

function configOf(standing: Standing, meant: Meant): string {
  const { files } = standing;
  const [block, auth] = [files['id-block']?.bytes, files['id-auth']?.bytes];
  return [
    `name = "${NAME}"`,
    'type = "pvh"',
    `memory = ${memoryFor(standing) / MIB}`,
    `vcpus = ${meant.vcpus}`,
    'coco = 1',
    'sev_type = "sev-snp"',
    `sev_policy = 0x${meant.policy.toString(16)}`,
    `firmware = "/boot/${PLACES.image}"`,
    `vmm_type = "${meant.vmm}"`,
    `vcpu_sig = 0x${meant.signature.toString(16)}`,
    `guest_features = 0x${meant.features.toString(16)}`,
    ...(files.kernel ? [`kernel = "/boot/${PLACES.kernel}"`] : []),
    ...(files.kernel && files.initrd ? [`ramdisk = "/boot/${PLACES.initrd}"`] : []),
    ...(files.kernel && meant.append !== '' ? [`cmdline = ${quoted(meant.append)}`] : []),
    ...(block && auth
      ? [
          `id_block = "${toBase64(block)}"`,
          `id_auth = "${toBase64(auth)}"`,
          `author_key = ${Number(standing.settings.authorKey)}`,
        ]
      : []),
    '',
  ].join('\n');
}

const notLaunched = (message: string, where: string | null = null): { ok: false; refusal: Refusal } =>
  refused('The guest was not launched', message, where);

/** What is in the view of a launch, as a guest of the open machine: its files go to Domain-0, and xl creates it. */
export function createLaunchGuest(
  desk: Desk,
  current: () => Opened,
  { acting, inSlices }: Acting,
  standing: () => Standing,
): LaunchGuestApi {
  const reasonOf = (): string | null => {
    const meant = understand(standing().settings);
    return meant.ok
      ? whyNot(current().player.session.machine, standing(), meant.value)
      : meant.refusal.message;
  };

  /** What is done before xl creates the guest; files that lie there already are not put once more. */
  const preparation = (given: Standing, meant: Meant): readonly unknown[] => {
    const { session } = current().player;
    const there = session.machine.state.cell('dom0')?.images ?? [];
    const puts = (Object.keys(PLACES) as (keyof typeof PLACES)[]).flatMap((kind) => {
      const file = kind === 'initrd' && !given.files.kernel ? null : given.files[kind];
      if (!file) return [];
      const put = { name: PLACES[kind], blob: session.addBlob(file.bytes) };
      return there.some(({ name, blob }) => name === put.name && blob === put.blob)
        ? []
        : [{ type: 'dom0.image', ...put }];
    });
    return [...puts, { type: 'dom0.file', name: `${NAME}.cfg`, text: configOf(given, meant) }];
  };

  return {
    launchOffer: async () => ({ why: reasonOf(), guest: launched(desk.viewed) }),

    launchGuest: async (onProgress) => {
      if (desk.working) return BUSY;
      const given = standing();
      const why = reasonOf();
      const meant = understand(given.settings);
      if (!meant.ok) return meant;
      if (why !== null) return notLaunched(why);
      const actions: Action[] = [];
      for (const wanted of preparation(given, meant.value)) {
        const action = checked(actionSchema, wanted, 'the configuration');
        if (!action.ok) return notLaunched(action.message, action.where);
        actions.push(action.value);
      }
      const { session } = current().player;
      await acting(() => {
        for (const action of actions) session.performNow(action);
      });
      const outcome = await inSlices({ type: 'xl.create', config: `${NAME}.cfg` }, (done) =>
        onProgress(done, NAME),
      );
      if (!outcome.ok) return notLaunched(`${outcome.fault.message} ${outcome.fault.remedy}`);
      return fine(null);
    },
  };
}
