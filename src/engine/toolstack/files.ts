import { atLeast, type MachineConfig } from '../core/config';
import type { Platform } from '../core/platform';
import { keysOf } from '../xen/xl/dialects';

/** Guests whose configurations lie in Domain-0’s /etc/xen from the start. */
export const USUAL_GUESTS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const;

const MIB = 1024 * 1024;

/** A quarter of the machine, at most 4 MiB, at least 1. */
const usualMemory = ({ memory }: MachineConfig): number =>
  Math.max(1, Math.floor(Math.min(memory / 4, 4 * MIB) / MIB));

/** The one that stays without SEV-ES where the others have it. */
const PLAIN_SEV = 'bob';

/** What a file says of encryption, with the keys that this Xen’s xl has: of SEV-ES the kind, or the policy that chooses it. */
function encryption(config: MachineConfig, name: string): string[] {
  const key = config.xen === 'branch-2024-10' ? 'sev' : 'coco';
  const lines = [`${key.padEnd(6)} = ${atLeast(config, 'sev') ? 1 : 0}`];
  if (!atLeast(config, 'sev-es')) return lines;
  const keys = keysOf(config.xen);
  const es = name !== PLAIN_SEV;
  if (keys.has('sev_type')) return [...lines, `sev_type = "${es ? 'sev-es' : 'sev'}"`];
  return keys.has('sev_policy') ? [...lines, `sev_policy = ${es ? '0x0f' : '0x0b'}`] : lines;
}

/** A configuration such as comes with the machine: PVH, one vCPU, encrypted where the machine can. */
const usualConfig = (config: MachineConfig, name: string): string =>
  [
    `# /etc/xen/${name}.cfg`,
    `name   = "${name}"`,
    'type   = "pvh"',
    'vcpus  = 1',
    `memory = ${usualMemory(config)}`,
    'kernel = "/boot/vmlinuz-sev"',
    'cmdline = "console=hvc0 swiotlb=force"',
    ...encryption(config, name),
    '',
  ].join('\n');

/** A configuration file of Domain-0: one that was put there, or one of the usual ones. */
export function readConfig(p: Platform, file: string): string | null {
  const put = p.state.cell('dom0')?.files.find(({ name }) => name === file);
  if (put) return put.text;
  const guest = USUAL_GUESTS.find((name) => file === `${name}.cfg`);
  return guest ? usualConfig(p.config, guest) : null;
}

/** Names of all configuration files, the put ones first. */
export function configFiles(p: Platform): string[] {
  const put = (p.state.cell('dom0')?.files ?? []).map(({ name }) => name);
  return [...put, ...USUAL_GUESTS.map((name) => `${name}.cfg`).filter((name) => !put.includes(name))];
}

export function putFile(p: Platform, name: string, text: string): void {
  const others = (p.state.cell('dom0')?.files ?? []).filter((file) => file.name !== name);
  p.trace.set('dom0', 0, {
    files: [...others, { name, text }],
    letters: p.state.cell('dom0')?.letters ?? [],
  });
}

/** The words of a command line behind the file: `memory=2 vcpus=1`. */
export const words = (extra: string | undefined): string[] =>
  extra?.match(/[^\s"]*(?:"[^"]*"[^\s"]*)*/g)?.filter(Boolean) ?? [];
