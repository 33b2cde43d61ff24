import { type GuestType, SHUTDOWN_ACTIONS, type ShutdownAction } from './config';
import { assign, type Draft, type Refusal, type Step } from './draft';
import type { Reader } from './reader';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const INT_MAX = 2 ** 31 - 1;

/** xl_parse.c compares with as many characters as the word has, in this order: "h" is HVM, "p" is PV, "" is HVM. */
const TYPES: readonly GuestType[] = ['hvm', 'pv', 'pvh'];

/** Kind of guest, name, processors, memory, and what happens at its end: the first half of `parse_config_data`. */
export const aboutCreation: Step = (draft, reader) => {
  const word = reader.string('type');
  const type = word === undefined ? 'pv' : TYPES.find((candidate) => candidate.startsWith(word));
  if (!type) return { error: `Invalid domain type ${word}.`, key: 'type' };
  draft.type = type;
  // libxl leaves the choice to the machine, which has it (libxl__domain_create_info_setdefault).
  draft.hap = type !== 'pv' && (reader.bool('hap') ?? true);

  const name = reader.string('name');
  if (name === undefined) return { error: 'Domain name must be specified.', key: 'name' };
  draft.name = name;

  const uuid = reader.string('uuid');
  if (uuid !== undefined && !UUID.test(uuid)) return { error: `Failed to parse UUID: ${uuid}`, key: 'uuid' };
  assign(draft.other, 'uuid', uuid);
  assign(draft.other, 'oos', reader.bool('oos'));

  readMemory(draft, reader);
  return readProcessors(draft, reader) ?? readGrants(draft, reader) ?? readEnds(draft, reader);
};

function readMemory(draft: Draft, reader: Reader): void {
  const [memory, most] = [reader.long('memory'), reader.long('maxmem')];
  if (memory !== undefined) draft.targetMemKiB = memory * 1024;
  const limit = most ?? memory;
  if (limit !== undefined) draft.maxMemKiB = limit * 1024;
}

function readProcessors(draft: Draft, reader: Reader): Refusal | null {
  const vcpus = reader.long('vcpus');
  if (vcpus !== undefined && (vcpus < 0 || vcpus > INT_MAX)) {
    return { error: 'Unable to allocate cpumap', key: 'vcpus' };
  }
  // 0 stands for “not given”, both here and in libxl, which then takes 1 (libxl_create.c).
  const most = reader.long('maxvcpus') || (vcpus ?? 0);
  if (most < (vcpus ?? 0)) return { error: 'xl: maxvcpus < vcpus', key: 'maxvcpus' };
  draft.vcpus = vcpus ?? 1;
  draft.maxVcpus = most || 1;
  const cpus = reader.listOrString('cpus');
  const wrong = cpus?.flatMap((entry) => entry.split(',')).find((range) => range && !isCpuRange(range));
  if (wrong !== undefined) return { error: `Invalid pcpu range: ${wrong}.`, key: 'cpus' };
  assign(draft.other, 'cpus', cpus);
  return null;
}

/** `update_cpumap_range`: `all`, a processor or a range, as nodes with `node:`, taken away with `^`. */
function isCpuRange(range: string): boolean {
  const match = /^(\^?)(?:nodes?:)?(?:(all)|\s*(\d+)(?:-\s*(\d+))?)$/.exec(range);
  if (!match) return false;
  const [, not, all, first, last] = match;
  return all ? !not : last === undefined || Number(last) >= Number(first);
}

/** Numbers for whose sake xl ends without a word when they are none, or out of bounds. */
function readGrants(draft: Draft, reader: Reader): Refusal | null {
  for (const [key, field] of [
    ['max_grant_frames', 'maxGrantFrames'],
    ['max_maptrack_frames', 'maxMaptrackFrames'],
    ['max_grant_version', 'maxGrantVersion'],
  ] as const) {
    if (!reader.has(key)) continue;
    const value = reader.long(key, true);
    if (value === undefined || value < 0 || value > INT_MAX) {
      return { error: `xl ends without a message: ${key} is no number from 0 to ${INT_MAX}`, key };
    }
    draft.other[field] = value;
  }
  return null;
}

function readEnds({ other }: Draft, reader: Reader): Refusal | null {
  for (const [key, field] of [
    ['on_poweroff', 'onPoweroff'],
    ['on_reboot', 'onReboot'],
    ['on_crash', 'onCrash'],
  ] as const) {
    const word = reader.string(key) ?? other[field];
    if (!isShutdownAction(word)) return { error: `Unknown ${key} action "${word}" specified`, key };
    other[field] = word;
  }
  return null;
}

const isShutdownAction = (word: string): word is ShutdownAction =>
  (SHUTDOWN_ACTIONS as readonly string[]).includes(word);
