import { COMMANDS } from '../asp/commands';
import type { Answer } from '../asp/dispatch';
import { bufferSize, type CommandName, packCommand, unpackCommand, type Values } from '../asp/layouts';
import { bellOf, ringMailbox } from '../asp/mailbox';
import { completeConfig, type PartialConfig } from '../config';
import type { Change } from '../core/change';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import { wbinvdOn } from '../cpu/wbinvd';
import { Machine } from '../machine';
import { rawWrite } from '../memory/controller';

/** Fields of a command as a test writes them. */
export type Given = Readonly<Record<string, number | bigint>>;

/** What a command came to, with its buffer as memory then holds it. */
export interface Result extends Answer {
  readonly buffer: Values;
}

const MIB = 0x100000;

/** Places in the memory of such a machine; from `guest` on, eight pages each. */
export const AT = {
  buffer: 4 * MIB,
  out: 4 * MIB + 0x1_0000,
  certificate: 4 * MIB + 0x2_0000,
  session: 4 * MIB + 0x3_0000,
  chain: 4 * MIB + 0x4_0000,
  amd: 4 * MIB + 0x5_0000,
  header: 4 * MIB + 0x6_0000,
  packet: 4 * MIB + 0x7_0000,
  list: 4 * MIB + 0x8_0000,
  record: 4 * MIB + 0x9_0000,
  nv: 5 * MIB,
  tmr: 6 * MIB,
  guest: 8 * MIB,
  other: 8 * MIB + 0x8000,
  /** What nobody may touch, and where there is no memory. */
  forbidden: 12 * MIB,
  nowhere: 0x40_0000_0000,
} as const;

/** A machine whose secure processor nobody has spoken to yet: Xen has built its tables and no driver runs. */
export class Firmware {
  readonly p: Machine;
  readonly changes: Change[] = [];
  readonly spans: Json[] = [];

  constructor(config: PartialConfig = {}) {
    const recorder = {
      change: (change: Change) => void this.changes.push(change),
      open: (_layer: string, actor: string, name: string, args: Json) =>
        void this.spans.push({ actor, name, args }),
      close: (result: Json) => void this.spans.push(result),
    };
    const part: PartialConfig = {
      generation: 'genoa',
      technology: 'sev',
      topology: { sockets: 1, complexes: 2, cores: 2, threads: 1 },
      memoryMap: [
        { base: 0, size: 12 * MIB, kind: 'dram', name: 'DRAM' },
        { base: 12 * MIB, size: MIB, kind: 'reserved', name: 'TSEG' },
        { base: 13 * MIB, size: 3 * MIB, kind: 'dram', name: 'DRAM' },
        { base: 0x1_0000_0000, size: MIB, kind: 'mmio', name: 'device registers' },
      ],
      ...config,
    };
    this.p = new Machine(completeConfig(part), recorder, new Map(), null);
  }

  /** Plain SEV guests from this ASID on, guests with SEV-ES below it. */
  splitAsids(first: number): void {
    const cell = this.p.state.need('cpuid');
    this.p.trace.set('cpuid', 0, { ...cell, fn8000001f: { ...cell.fn8000001f, edx: first } });
  }

  put(address: number, bytes: Uint8Array): void {
    rawWrite(this.p, address, bytes, OWNER_HYPERVISOR);
  }

  get(address: number, length: number): Uint8Array {
    return this.p.state.dram.read(address, length);
  }

  command(name: CommandName, fields: Given = {}, buffer: number = AT.buffer): Result {
    if (buffer < 16 * MIB) this.put(buffer, packCommand(name, fields));
    const answer = ringMailbox(this.p, bellOf(COMMANDS[name].id, BigInt(buffer)));
    if (!answer) throw new Error('the secure processor does not answer');
    return { ...answer, buffer: unpackCommand(name, this.get(AT.buffer, bufferSize(name))) };
  }

  /** A command that has to succeed. @throws Error otherwise. */
  done(name: CommandName, fields: Given = {}): Result {
    const result = this.command(name, fields);
    if (result.status !== 'SUCCESS') throw new Error(`${name}: ${result.status}, ${result.check?.says}`);
    return result;
  }

  wbinvd(...threads: number[]): void {
    const all = threads.length > 0 ? threads : this.p.state.tlbs.map((_, i) => i);
    for (const thread of all) wbinvdOn(this.p, thread);
  }

  /** INIT and a flush of everything. */
  init(es = false): this {
    this.done('INIT', es ? { FLAGS: 1, TMR_PADDR: AT.tmr, TMR_LENGTH: MIB } : {});
    this.wbinvd();
    this.done('DF_FLUSH');
    return this;
  }

  /** A new guest, brought as far as asked; answers with its handle. */
  guest(
    to: 'LUPDATE' | 'LSECRET' | 'RUNNING' | 'SUPDATE' | 'SENT',
    { policy = 0, asid = 0 }: { policy?: number; asid?: number } = {},
  ): number {
    const { HANDLE = 0n } = this.done('LAUNCH_START', { POLICY: policy }).buffer;
    const of = { HANDLE };
    const steps = ['LUPDATE', 'LSECRET', 'RUNNING', 'SUPDATE', 'SENT'].indexOf(to);
    if (asid !== 0) this.done('ACTIVATE', { ...of, ASID: asid });
    if (steps >= 1) this.done('LAUNCH_MEASURE', { ...of, MEASURE_PADDR: AT.out, MEASURE_LEN: 48 });
    if (steps >= 2) this.done('LAUNCH_FINISH', of);
    if (steps >= 3) this.sendStart(Number(HANDLE));
    if (steps >= 4) this.done('SEND_FINISH', of);
    return Number(HANDLE);
  }

  /** SEND_START to this platform itself. */
  sendStart(handle: number, fields: Given = {}): Result {
    this.done('PDH_CERT_EXPORT', {
      PDH_PADDR: AT.certificate,
      PDH_LEN: 0x824,
      CERTS_PADDR: AT.chain,
      CERTS_LEN: 0x186c,
    });
    return this.command('SEND_START', {
      HANDLE: handle,
      PDH_CERT_PADDR: AT.certificate,
      PDH_CERT_LEN: 0x824,
      PLAT_CERTS_PADDR: AT.chain,
      PLAT_CERTS_LEN: 0x186c,
      SESSION_PADDR: AT.session,
      SESSION_LEN: 0x80,
      ...fields,
    });
  }

  /** Everything undone, back to the power-on. */
  undo(to: number): void {
    for (const change of this.changes.splice(to).toReversed()) this.p.state.revert(change);
  }
}
