import { sha384 } from '@noble/hashes/sha2.js';
import { launchDigest } from '../../engine/asp/snp/launchDigest';
import { completeConfig } from '../../engine/config';
import { PAGE_SIZE } from '../../engine/core/address';
import type { MachineConfig } from '../../engine/core/config';
import { type Outcome, ok } from '../../engine/core/fault';
import type { Json } from '../../engine/core/json';
import { OWNER_GUEST } from '../../engine/core/page';
import { atOnce } from '../../engine/core/slowly';
import type { Recorder } from '../../engine/core/trace';
import { hostStructureKey } from '../../engine/cpu/mode';
import { hands } from '../../engine/hands';
import { Machine } from '../../engine/machine';
import { AesEngine } from '../../engine/memory/aes';
import { streamWrite } from '../../engine/memory/fill';
import { policyOf } from '../../engine/toolstack/defaults';
import { createDomain } from '../../engine/xen/domctl/create';
import { killDomain } from '../../engine/xen/domctl/destroy';
import { populate } from '../../engine/xen/domctl/memory';
import { prepareSnpMemory } from '../../engine/xen/domctl/snp';
import { frameAt } from '../../engine/xen/frames';
import { parseXl } from '../../engine/xen/xl/parse';
import type { Engine } from '../../history/engine';
import { Session } from '../../history/session';
import { median, time } from '../stats';
import { fileOf } from './play';

const MIB = 2 ** 20;
const IMAGE = 4 * MIB;
const ROUNDS = 5;
const CONFIG =
  'name="alice"\ntype="pvh"\nkernel="/boot/vmlinuz"\nmemory=8\nvcpus=1\ncoco=1\nsev_type="sev-snp"\n';

export interface LaunchResult {
  /** Milliseconds, the median of some launches. */
  readonly ms: number;
  /** The cipher over the same pages and the hashes of the launch digest, alone. */
  readonly alone: number;
  readonly changes: number;
}

/** The steps of an SNP guest's creation, each an action of its own, so that the launch can be measured without the rest. */
class LaunchMachine implements Engine<'create' | 'launch' | 'destroy'> {
  private readonly machine: Machine;
  private readonly image = fileOf(IMAGE);

  constructor(config: MachineConfig, recorder: Recorder) {
    this.machine = new Machine(config, recorder, new Map(), hands);
  }

  get state() {
    return this.machine.state;
  }

  *perform(step: 'create' | 'launch' | 'destroy'): Generator<never, Outcome<Json>> {
    const p = this.machine;
    const done = { create: () => this.create(), launch: () => this.launch(), destroy: () => this.destroy() }[
      step
    ]();
    if (!done.ok) throw new Error(`${step}: ${done.fault.message}`);
    return ok(p.state.need('xen').domains);
  }

  private create(): Outcome<unknown> {
    const p = this.machine;
    const parsed = parseXl(CONFIG, p.config.xen);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { config } = parsed;
    const policy = policyOf(p, config);
    const made = createDomain(p, { config, coco: true, sevType: 'sev-snp', policy, session: null });
    return made.ok ? populate(p, made.value.id, 2 * IMAGE) : made;
  }

  /** What Domain-0 loads in the clear, and its 1,024 pages through SNP_LAUNCH_UPDATE. */
  private launch(): Outcome<null> {
    const p = this.machine;
    const domain = p.state.need('domain', p.state.need('xen').domains);
    for (let at = 0; at < IMAGE; at += PAGE_SIZE) {
      const frame = frameAt(domain.frames, at / PAGE_SIZE) ?? 0;
      const bytes = this.image.subarray(at, at + PAGE_SIZE);
      streamWrite(p, frame * PAGE_SIZE, bytes, hostStructureKey(p), OWNER_GUEST);
    }
    return atOnce(prepareSnpMemory(p, domain.id, 0, IMAGE / PAGE_SIZE, 'NORMAL'));
  }

  private destroy(): Outcome<null> {
    const p = this.machine;
    return killDomain(p, p.state.need('domain', p.state.need('xen').domains));
  }
}

/** The same bytes through the cipher of the same mode and through the hashes, and nothing else. */
function cipherAndHash({ encryption }: MachineConfig, image: Uint8Array): number {
  const key = sha384(new Uint8Array(1)).subarray(0, 16);
  const engine = new AesEngine(encryption, { key, tweakKey: key });
  const out = new Uint8Array(PAGE_SIZE);
  return time(() => {
    for (let at = 0; at < IMAGE; at += PAGE_SIZE)
      engine.encryptInto(at, image.subarray(at, at + PAGE_SIZE), out);
    launchDigest([{ what: 'image', type: 'NORMAL', gpa: 0, pages: IMAGE / PAGE_SIZE, bytes: image }]);
  });
}

/** Launches an image of 4 MiB into an SNP guest, some times. */
export function measureLaunch(): LaunchResult {
  const config = completeConfig({ memory: 128 * MIB, technology: 'sev-snp', generation: 'milan' });
  const session = new Session<'create' | 'launch' | 'destroy', LaunchMachine>({
    config,
    powerOn: (given, recorder) => new LaunchMachine(given, recorder),
  });
  const image = fileOf(IMAGE);
  const rounds = Array.from({ length: ROUNDS }, () => {
    session.performNow('create');
    const before = session.length;
    const ms = time(() => void session.performNow('launch'));
    const changes = session.length - before;
    session.performNow('destroy');
    return { ms, changes, alone: cipherAndHash(config, image) };
  });
  return {
    ms: median(rounds.map(({ ms }) => ms)),
    alone: median(rounds.map(({ alone }) => alone)),
    changes: median(rounds.map(({ changes }) => changes)),
  };
}
