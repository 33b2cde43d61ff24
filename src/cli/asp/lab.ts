import { kdf } from '../../engine/asp/crypto/kdf';
import { inTable } from '../../engine/asp/snp/pages';
import { completeConfig } from '../../engine/config';
import { pfnOf } from '../../engine/core/address';
import type { Change } from '../../engine/core/change';
import type { Region } from '../../engine/core/config';
import { OWNER_HYPERVISOR } from '../../engine/core/page';
import type { Platform } from '../../engine/core/platform';
import { Machine } from '../../engine/machine';
import { rawWrite } from '../../engine/memory/controller';
import { memoryMap } from '../../engine/memory/regions';
import { type TraceConfig, TraceError } from './format';

const MIB = 0x100000;
const PAGE = 4096;
const UNITS: Readonly<Record<string, number>> = { MiB: MIB, KiB: 1024, pages: PAGE };

/** Where a label lies: a number, with a stride where it takes one, and a size where the text tells. */
interface Label {
  readonly base: number;
  readonly stride: number;
  readonly size: number;
}

function parseLabel(name: string, text: string): Label {
  const found = /^(0x[0-9a-f]+)(?:\+(0x[0-9a-f]+)\*n)?/i.exec(text);
  if (!found) throw new TraceError(`label ${name}: no address in "${text}"`);
  const size = /\((\d+) (MiB|KiB|pages)/.exec(text);
  return {
    base: Number(found[1]),
    stride: Number(found[2] ?? 0),
    size: size ? Number(size[1]) * (UNITS[size[2] ?? ''] ?? 0) : 0,
  };
}

/** The legacy video memory's place, which SMM uses: 128 KiB (APM vol. 2 §10.2.3). */
const ASEG_BYTES = 0x20000;

function regionsOf(config: TraceConfig): Region[] {
  const range = /^(0x[0-9a-f]+)\.\.(0x[0-9a-f]+)$/i.exec(config.dram);
  if (!range) throw new TraceError(`configuration ${config.cfg}: no range of DRAM in "${config.dram}"`);
  const reserved: Region[] = [];
  for (const [name, bytes] of [
    ['ASEG', ASEG_BYTES],
    ['TSEG', 16 * MIB],
    ['CPUTMR', 2 * MIB],
  ] as const) {
    const text = config.labels[name];
    if (!text) continue;
    const { base, size } = parseLabel(name, text);
    reserved.push({ base, size: size || bytes, kind: 'reserved', name });
  }
  reserved.sort((a, b) => a.base - b.base);
  const end = Number(range[2]) + 1;
  const map: Region[] = [];
  let at = Number(range[1]);
  for (const hole of reserved) {
    if (hole.base > at) map.push({ base: at, size: hole.base - at, kind: 'dram', name: 'DRAM' });
    map.push(hole);
    at = hole.base + hole.size;
  }
  if (end > at) map.push({ base: at, size: end - at, kind: 'dram', name: 'DRAM' });
  return map;
}

/**
 * A machine laid out as a configuration line says, with a way back: whatever was done since a mark can be undone. Like the
 * firmware's recording, it has no memory encryption: every ASID reads plaintext.
 */
export class Lab {
  readonly p: Platform;
  readonly config: TraceConfig;
  private readonly labels: Map<string, Label>;
  private readonly changes: Change[] = [];

  constructor(config: TraceConfig) {
    this.config = config;
    this.labels = new Map(Object.entries(config.labels).map(([name, text]) => [name, parseAny(name, text)]));
    const recorder = {
      change: (change: Change) => void this.changes.push(change),
      open: () => {},
      close: () => {},
    };
    const { sockets, ccx, coresPerCcx, smt } = config;
    const machine = new Machine(
      completeConfig({
        generation: 'genoa',
        technology: 'sev',
        topology: { sockets, complexes: ccx, cores: coresPerCcx, threads: smt ? 2 : 1 },
        memoryMap: regionsOf(config),
      }),
      recorder,
      new Map(),
      null,
    );
    const { state, trace, blobs } = machine;
    this.p = { config: machine.config, state, trace, blobs, far: () => machine.far(), cipher: () => null };
    const cpuid = state.need('cpuid');
    const fn8000001f = { ...cpuid.fn8000001f, ecx: config.maxAsid, edx: config.minSevAsid };
    trace.set('cpuid', 0, { ...cpuid, fn8000001f });
    if (config.snpEn) trace.set('syscfg', 0, { snpEn: true });
    this.prepareSnp();
  }

  /** The RMP’s place, the IOMMU’s logs and the versions of the firmware, as far as the configuration tells. */
  private prepareSnp(): void {
    const { rmp, tcb, labels } = this.config;
    const { trace } = this.p;
    const range = /^(0x[0-9a-f]+)\.\.(0x[0-9a-f]+)/i.exec(rmp ?? '');
    if (range) trace.set('rmp', 0, { base: Number(range[1]), end: Number(range[2]), segmentBits: null });
    if (labels.IOLOG !== undefined) {
      const { base, size } = parseLabel('IOLOG', labels.IOLOG);
      trace.set('iommu', 0, { logs: [[pfnOf(base), size / PAGE]] });
    }
    if (!tcb) return;
    const version = {
      fmc: 0,
      bootLoader: tcb.bootloader,
      tee: tcb.tee,
      snp: tcb.snp,
      microcode: tcb.microcode,
    };
    trace.set('tcb', 0, { running: version, committed: version });
  }

  /** Labels of the pages that traces use as contexts of SNP guests. */
  get contexts(): readonly string[] {
    return this.labels.has('G<n>') ? ['G1', 'G2', 'G3'] : [];
  }

  /** How much was done: a place to come back to. */
  get mark(): number {
    return this.changes.length;
  }

  /** What the firmware said about the last command: the check that decided and its place in the order, from 1. */
  decided(): { readonly check: string | null; readonly at: number | null } {
    const fact = this.changes.findLast((change) => change.store === 'fact' && change.what === 'check');
    const { check = null, at = null } = (fact?.store === 'fact' ? fact.data : {}) as {
      check?: string;
      at?: number | null;
    };
    return { check, at };
  }

  /** Undoes everything since a mark. */
  backTo(mark: number): void {
    for (const change of this.changes.splice(mark).toReversed()) this.p.state.revert(change);
  }

  /** Address of a label such as `D8`, `TSEG`, `D21+8`, `D0+0xff0`. @throws TraceError for one that the configuration lacks. */
  address(text: string): number {
    const [name = '', offset = '0'] = text.split('+');
    const exact = this.labels.get(name);
    if (exact) return exact.base + Number(offset);
    const numbered = /^([A-Z]+)(\d+)$/.exec(name);
    const label = numbered && this.labels.get(`${numbered[1]}<n>`);
    if (!label) throw new TraceError(`configuration ${this.config.cfg} has no label ${name}`);
    return label.base + label.stride * Number(numbered[2]) + Number(offset);
  }

  /** Puts bytes into memory, past the caches, as far as there is memory and it is not the RMP. */
  poke(address: number, bytes: Uint8Array): void {
    if (inTable(this.p, BigInt(address))) return;
    const inside = memoryMap(this.p.config).some(
      ({ kind, base, size }) => kind === 'dram' && address >= base && address + bytes.length <= base + size,
    );
    if (inside) rawWrite(this.p, address, bytes, OWNER_HYPERVISOR);
  }

  peek(address: number, length: number): Uint8Array {
    return this.p.state.dram.read(address, length);
  }
}

/** A label that stands for a set, like `X+off`, has no address of its own. */
function parseAny(name: string, text: string): Label {
  return /^0x/i.test(text) ? parseLabel(name, text) : { base: 0, stride: 0, size: 0 };
}

/** Bytes that look like nothing in particular, the same ones each time. */
export const filler = (what: string, length: number): Uint8Array =>
  kdf(new TextEncoder().encode('oracle'), what, new Uint8Array(0), length);
