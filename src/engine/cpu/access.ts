import { LINE_SIZE, PAGE_SIZE, spa } from '../core/address';
import type { CoreCell } from '../core/cells';
import type { TlbEntry } from '../core/change';
import { type Outcome, ok } from '../core/fault';
import type { JsonObject } from '../core/json';
import { type KeySelector, keyName } from '../core/key';
import type { Look } from '../core/look';
import type { Platform } from '../core/platform';
import { tlbSlot } from '../core/stores';
import { peekBytes } from '../memory/cache';
import { cachedRead, cachedWrite, streamWrite } from '../memory/fill';
import { PAGING_RULES, type WalkStep } from '../memory/pageTable';
import { reach } from '../memory/regions';
import { tellFaultAddress } from './faultAddress';
import { HIDING_RULE, hiddenBytes, isHidden } from './hiding';
import { type KeyChoice, selectKey } from './key';
import { keyContext, selector } from './mode';
import { recordAsked } from './rmpGate';
import { TLB_RULE, type Translation, translate } from './translate';

/** One load, store or fetch of a core, in whatever mode the core is. */
export interface Access {
  readonly core: number;
  /** Who does it, for the record: `alice`, `xen`. */
  readonly actor: string;
  /** The same as a number of `PageMeta.writer`. */
  readonly principal: number;
  readonly virtual: number;
  readonly op: 'read' | 'write' | 'fetch';
  readonly length: number;
  /** For a write: `length` bytes. */
  readonly bytes?: Uint8Array;
  /** Non-temporal: past the caches, for what fills whole lines. */
  readonly stream?: boolean;
  /** Whether the actor means what is at an address for others, too. Hardware may see it otherwise. Default: it does not. */
  readonly shared?: (virtual: number) => boolean;
  /** GPA at which the actor’s kernel has put an address; null: wherever the tables lead. Hardware may get elsewhere. */
  readonly meant?: (virtual: number) => number | null;
}

/** TLB entries that a core holds (modelled; real ones hold some thousands). */
const TLB_ENTRIES = 64;

/** Performs an access: every decision becomes a fact, every move a change. Answers with the bytes read or written. */
export function access(p: Platform, request: Access): Outcome<Uint8Array> {
  const name =
    request.op === 'read'
      ? 'load'
      : request.op === 'write'
        ? request.stream
          ? 'streaming store'
          : 'store'
        : 'fetch';
  const args: JsonObject = { core: request.core, address: request.virtual, length: request.length };
  return p.trace.span(
    'core',
    request.actor,
    name,
    args,
    () => pieces(p, request),
    (bytes) => ({ length: bytes.length }),
  );
}

function pieces(p: Platform, request: Access): Outcome<Uint8Array> {
  const out = new Uint8Array(request.length);
  for (let done = 0; done < request.length; ) {
    const virtual = request.virtual + done;
    const take = Math.min(PAGE_SIZE - (virtual % PAGE_SIZE), request.length - done);
    const part = piece(p, request, virtual, take, done);
    if (!part.ok) return part;
    out.set(part.value, done);
    done += take;
  }
  return ok(out);
}

function piece(
  p: Platform,
  request: Access,
  virtual: number,
  length: number,
  from: number,
): Outcome<Uint8Array> {
  const core = p.state.need('core', request.core);
  p.trace.fact('core', {
    op: request.op,
    core: request.core,
    address: virtual,
    length,
    mode: core.domain === null ? 'host' : 'guest',
    asid: core.asid,
  });
  const { outcome, steps, asked } = translate(p, request.core, virtual, request.op);
  recordWalk(p, request.core, virtual, steps, outcome.ok && outcome.value.fromTlb);
  if (asked) recordAsked(p, asked);
  if (!outcome.ok) {
    tellFaultAddress(p, core, steps, outcome.fault);
    return p.trace.refused(outcome);
  }
  const found = outcome.value;
  if (!found.fromTlb) fillTlb(p, request.core, core, virtual, found);
  const choice = keyOf(p, core, request.op, found);
  const key = selector(choice.key, core.asid);
  p.trace.fact(
    'key',
    {
      c: found.c,
      nestedC: found.nestedC,
      kind: request.op,
      sev: core.sev,
      key: keyName(key),
      selector: key,
      spa: found.spa,
    },
    choice.rule,
  );
  const reached = reach(p, found.spa, length);
  if (!reached.ok) return p.trace.refused(reached);
  const hidden = request.op !== 'write' && isHidden(p, found.spa, key);
  const bytes = hidden ? hiddenBytes(length) : move(p, core, request, found.spa, length, from, key);
  const meant = request.meant?.(virtual) ?? null;
  p.trace.fact(
    request.op === 'write' ? 'wrote' : 'saw',
    {
      actor: request.actor,
      principal: request.principal,
      address: virtual,
      gpa: found.gpa,
      ...(meant === null || meant === found.gpa ? {} : { meant }),
      spa: found.spa,
      length,
      key: keyName(key),
      private: !(request.shared?.(virtual) ?? false),
      ...(request.op === 'fetch' ? { fetched: true } : {}),
      ...(hidden ? { hidden: true } : {}),
    },
    hidden ? HIDING_RULE : null,
    bytes,
  );
  return ok(bytes);
}

function move(
  p: Platform,
  core: CoreCell,
  request: Access,
  address: number,
  length: number,
  from: number,
  key: KeySelector,
): Uint8Array {
  if (request.op !== 'write') return cachedRead(p, core.complex, address, length, key);
  const bytes = (request.bytes ?? new Uint8Array(request.length)).subarray(from, from + length);
  const lines = address % LINE_SIZE === 0 && length % LINE_SIZE === 0;
  if (request.stream && lines) streamWrite(p, address, bytes, key, request.principal);
  else cachedWrite(p, core.complex, address, bytes, key, request.principal);
  return bytes;
}

const keyOf = (p: Platform, core: CoreCell, op: Access['op'], found: Translation): KeyChoice =>
  selectKey({
    ...keyContext(p, core),
    kind: op === 'fetch' ? 'fetch' : 'data',
    c: found.c,
    nestedC: found.nestedC,
  });

function recordWalk(
  p: Platform,
  coreId: number,
  virtual: number,
  steps: readonly WalkStep[],
  hit: boolean,
): void {
  p.trace.fact(
    'tlb',
    { event: hit ? 'hit' : 'miss', core: coreId, address: virtual, asid: p.state.need('core', coreId).asid },
    TLB_RULE,
  );
  for (const step of steps) {
    p.trace.fact(
      'walk',
      {
        table: step.table,
        level: step.level,
        index: step.index,
        address: step.address,
        gpa: step.gpa,
        raw: `0x${step.raw.toString(16).padStart(16, '0')}`,
        key: keyName(step.key),
        c: step.c,
        decision: step.decision,
      },
      PAGING_RULES.cBit,
    );
  }
}

function fillTlb(p: Platform, coreId: number, core: CoreCell, virtual: number, found: Translation): void {
  const tlb = p.state.tlbs[coreId];
  if (!tlb) throw new Error(`no core ${coreId}`);
  let oldest: [string, TlbEntry] | null = null;
  let born = 0;
  for (const item of tlb) {
    if (!oldest || item[1].born < oldest[1].born) oldest = item;
    born = Math.max(born, item[1].born + 1);
  }
  if (oldest && tlb.size >= TLB_ENTRIES)
    p.trace.emit({ store: 'tlb', core: coreId, slot: oldest[0], before: oldest[1], after: null });
  const offset = virtual % found.size;
  const after: TlbEntry = {
    asid: core.asid,
    page: virtual - offset,
    size: found.size,
    target: spa(found.spa - offset),
    gpa: found.gpa === null ? null : found.gpa - offset,
    c: found.c,
    nestedC: found.nestedC,
    writable: found.writable,
    ...(found.rmp ? { rmp: found.rmp } : {}),
    born,
  };
  const slot = tlbSlot(core.asid, after.page);
  p.trace.emit({ store: 'tlb', core: coreId, slot, before: tlb.get(slot) ?? null, after });
}

/** What the same access would return now, without doing it. */
export function lookThrough(
  p: Platform,
  coreId: number,
  virtual: number,
  length: number,
  op: 'read' | 'fetch' = 'read',
): Look {
  const core = p.state.need('core', coreId);
  const out = new Uint8Array(length);
  let key: KeySelector = 0;
  for (let done = 0; done < length; ) {
    const at = virtual + done;
    const take = Math.min(PAGE_SIZE - (at % PAGE_SIZE), length - done);
    const { outcome } = translate(p, coreId, at, op);
    if (!outcome.ok) return outcome;
    key = selector(keyOf(p, core, op, outcome.value).key, core.asid);
    const reached = reach(p, outcome.value.spa, take);
    if (!reached.ok) return reached;
    const { spa: place } = outcome.value;
    const hidden = isHidden(p, place, key);
    out.set(hidden ? hiddenBytes(take) : peekBytes(p, core.complex, place, take, key), done);
    done += take;
  }
  return { ok: true, bytes: out, key: keyName(key) };
}
