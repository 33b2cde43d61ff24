import type { HandleCell, PlatformCell } from '../core/aspCells';
import type { Platform } from '../core/platform';
import type { ContextCell } from '../core/snpCells';
import { guestContext } from './guests';
import type { Values } from './layouts';
import { type RawAddress, readHost, writeHost } from './memory';
import { platformOf } from './platform';
import { contextOf, patchContext } from './snp/context';

/**
 * One command while it runs: what its buffer holds, whom it is about, and what was copied in so far. Checks ask it, in their
 * order; `run` acts through it.
 */
export class Call {
  readonly p: Platform;
  /** The fields of the buffer; what a command answers is put here and written back. */
  readonly values: Values;
  private readonly found = new Map<string, unknown>();

  constructor(p: Platform, values: Values) {
    this.p = p;
    this.values = values;
  }

  get platform(): PlatformCell {
    return platformOf(this.p);
  }

  /** A field of at most 32 bits. */
  int(name: string): number {
    return Number(this.address(name));
  }

  /** A field of 64 bits: mostly an address with its C-bit. @throws Error for a field that the command does not have. */
  address(name: string): RawAddress {
    const value = this.values[name];
    if (value === undefined) throw new Error(`the buffer has no field ${name}`);
    return value;
  }

  /** A field as it lies in the buffer. @param length its bytes. */
  bytes(name: string, length: number): Uint8Array {
    const value = this.address(name);
    return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  }

  answer(name: string, value: number | bigint): void {
    this.values[name] = BigInt(value);
  }

  get handle(): number {
    return this.int('HANDLE');
  }

  /** The guest that HANDLE names, or null. */
  get guest(): HandleCell | null {
    return guestContext(this.p, this.handle);
  }

  /** The same where a check has made sure of it. @throws Error otherwise: a bug of ours. */
  get theGuest(): HandleCell {
    const { guest } = this;
    if (!guest) throw new Error('a command went on without its guest');
    return guest;
  }

  patchGuest(fields: Partial<HandleCell>): void {
    this.p.trace.patch('handle', this.handle, fields);
  }

  /** The SNP guest whose context lies at GCTX_PADDR. @throws Error when no check has made sure of it: a bug of ours. */
  get context(): ContextCell {
    return contextOf(this.p, this.address('GCTX_PADDR'));
  }

  patchContext(fields: Partial<ContextCell>): void {
    patchContext(this.p, this.address('GCTX_PADDR'), fields);
  }

  /** What a check works out and a later one, or `run`, needs again. */
  once<T>(name: string, make: () => T): T {
    if (!this.found.has(name)) this.found.set(name, make());
    return this.found.get(name) as T;
  }

  /** The bytes that a field points to, copied in once. The range was checked. */
  copyIn(name: string, length: number): Uint8Array {
    return this.once(`copied ${name}`, () => readHost(this.p, this.address(name), length));
  }

  copyOut(name: string, bytes: Uint8Array): void {
    writeHost(this.p, this.address(name), bytes);
  }
}
