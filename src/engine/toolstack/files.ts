import type { Dom0Cell } from '../core/cells';
import { atLeast, type MachineConfig } from '../core/config';
import type { Platform } from '../core/platform';
import { hasSnpPlatform } from '../xen/driver/probe';
import { keysOf } from '../xen/xl/dialects';

/** Guests whose configurations lie in Domain-0’s /etc/xen from the start. */
export const USUAL_GUESTS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const;

const MIB = 1024 * 1024;

/** A quarter of the machine, at most 4 MiB, at least 1. */
const usualMemory = ({ memory }: MachineConfig): number =>
  Math.max(1, Math.floor(Math.min(memory / 4, 4 * MIB) / MIB));

/** The one that is a kind below the others where they have SEV-ES or SEV-SNP. */
const BELOW = 'bob';

/**
 * What a file says of encryption, with the keys that this Xen’s xl has: the kind, or the policy that chooses SEV-ES; SEV-SNP where
 * the platform was started for it.
 */
function encryption(p: Platform, name: string): string[] {
  const { config } = p;
  const key = config.xen === 'branch-2024-10' ? 'sev' : 'coco';
  const lines = [`${key.padEnd(6)} = ${atLeast(config, 'sev') ? 1 : 0}`];
  if (!atLeast(config, 'sev-es')) return lines;
  const keys = keysOf(config.xen);
  const below = name === BELOW;
  const [best, next] = hasSnpPlatform(p) ? ['sev-snp', 'sev-es'] : ['sev-es', 'sev'];
  if (keys.has('sev_type')) return [...lines, `sev_type = "${below ? next : best}"`];
  return keys.has('sev_policy') ? [...lines, `sev_policy = ${below ? '0x0b' : '0x0f'}`] : lines;
}

/** A configuration such as comes with the machine: PVH, one vCPU, encrypted where the machine can. */
const usualConfig = (p: Platform, name: string): string =>
  [
    `# /etc/xen/${name}.cfg`,
    `name   = "${name}"`,
    'type   = "pvh"',
    'vcpus  = 1',
    `memory = ${usualMemory(p.config)}`,
    'kernel = "/boot/vmlinuz-sev"',
    'cmdline = "console=hvc0 swiotlb=force"',
    ...encryption(p, name),
    '',
  ].join('\n');

/** A configuration file of Domain-0: one that was put there, or one of the usual ones. */
export function readConfig(p: Platform, file: string): string | null {
  const put = p.state.cell('dom0')?.files.find(({ name }) => name === file);
  if (put) return put.text;
  const guest = USUAL_GUESTS.find((name) => file === `${name}.cfg`);
  return guest ? usualConfig(p, guest) : null;
}

/** Names of all configuration files, the put ones first. */
export function configFiles(p: Platform): string[] {
  const put = (p.state.cell('dom0')?.files ?? []).map(({ name }) => name);
  return [...put, ...USUAL_GUESTS.map((name) => `${name}.cfg`).filter((name) => !put.includes(name))];
}

export function putFile(p: Platform, name: string, text: string): void {
  const others = (p.state.cell('dom0')?.files ?? []).filter((file) => file.name !== name);
  setFiles(p, { files: [...others, { name, text }] });
}

const setFiles = (p: Platform, fields: Partial<Dom0Cell>): void =>
  p.trace.set('dom0', 0, { files: [], letters: [], ...p.state.cell('dom0'), ...fields });

/** Puts a dropped file into Domain-0’s /boot, in place of one that has its name. */
export function putImage(p: Platform, name: string, blob: string): void {
  const others = (p.state.cell('dom0')?.images ?? []).filter((image) => image.name !== name);
  setFiles(p, { images: [...others, { name, blob }] });
}

/** The bytes of a file that was put into /boot, by its path there; null where none was. */
export function readImage(p: Platform, path: string): Uint8Array | null {
  const name = path.startsWith(BOOT) ? path.slice(BOOT.length) : null;
  const blob = p.state.cell('dom0')?.images?.find((image) => image.name === name)?.blob;
  return blob === undefined ? null : (p.blobs.get(blob) ?? null);
}

/** Where xl looks for what guests start from. */
const BOOT = '/boot/';

/** The words of a command line behind the file: `memory=2 vcpus=1`. */
export const words = (extra: string | undefined): string[] =>
  extra?.match(/[^\s"]*(?:"[^"]*"[^\s"]*)*/g)?.filter(Boolean) ?? [];
