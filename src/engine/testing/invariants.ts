import { LINE_SIZE, PAGE_SIZE } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import type { CacheLine } from '../core/change';
import { NO_KEY } from '../core/key';
import { OWNER_FREE, OWNER_GUEST, OWNER_HYPERVISOR, pageOwner } from '../core/page';
import type { Platform } from '../core/platform';
import { lineSlot } from '../core/stores';
import { prepareEntry } from '../cpu/vmrun';
import { isCoherent } from '../memory/cache';
import { decryptFromDram } from '../memory/controller';
import { reach, regionAt } from '../memory/regions';
import { FALLBACK_ASID } from '../xen/asids/ranges';
import { livingDomains } from '../xen/domains';
import { hasVmsas } from '../xen/kind';
import { hasCoco } from '../xen/tree';

/** What was done past somebody who cannot know of it. */
interface Past {
  /** Somebody wrote the stick past the controller, so caches may be stale. */
  readonly controller?: boolean;
  /** Somebody took guests from the secure processor past Xen’s driver, so Xen may believe in bindings that are no more. */
  readonly driver?: boolean;
}

/** What holds of a machine whatever was done to it, as sentences of what does not. */
export function* broken(p: Platform, { controller = false, driver = false }: Past = {}): Generator<string> {
  yield* brokenCaches(p, controller);
  yield* brokenTlbs(p);
  if (p.state.need('power').on) {
    yield* brokenOwnership(p);
    for (const domain of livingDomains(p)) {
      if (domain.sev && !driver) yield* brokenBinding(p, domain);
      yield* brokenEntry(p, domain);
    }
  }
  for (const page of p.state.dram.pages.keys()) {
    const kind = regionAt(p, page * PAGE_SIZE)?.kind;
    if (kind !== 'dram' && kind !== 'reserved') yield `DRAM holds page ${page}, where there is none`;
  }
}

function* brokenCaches(p: Platform, outside: boolean): Generator<string> {
  const held = new Map<string, CacheLine>();
  const domains = new Map<number, number>();
  for (const [complex, cache] of p.state.caches.entries()) {
    if (cache.size > p.config.cacheLines) yield `complex ${complex} holds ${cache.size} lines`;
    if (new Set([...cache.values()].map(({ born }) => born)).size < cache.size)
      yield 'two lines are equally old';
    for (const [slot, line] of cache) {
      const { address, key, data, dirty } = line;
      const where = `the line ${slot} of complex ${complex}`;
      if (slot !== lineSlot(address, key)) yield `${where} is ${lineSlot(address, key)}`;
      if (address % LINE_SIZE !== 0 || data.length !== LINE_SIZE) yield `${where} is no line`;
      if (!cache.at(address).includes(line)) yield `${where} is not found by its address`;
      if (!reach(p, address, LINE_SIZE).ok) yield `${where} lies outside DRAM`;
      if (key !== NO_KEY && !p.state.cell('slot', key)) yield `${where} is under a key that is not loaded`;
      const other = held.get(slot);
      if (other && (dirty || other.dirty)) yield `${where} is dirty while another complex holds it`;
      if (other && !bytesEqual(other.data, data)) yield `${where} differs from another complex's`;
      held.set(slot, line);
      if (!isCoherent(p)) continue;
      if ((domains.get(address) ?? key) !== key) yield `${where} is cached under another key, too`;
      domains.set(address, key);
      if (outside || dirty || bytesEqual(data, decryptFromDram(p, address, LINE_SIZE, key))) continue;
      yield `${where} is clean and differs from DRAM`;
    }
  }
}

function* brokenTlbs(p: Platform): Generator<string> {
  for (const [core, tlb] of p.state.tlbs.entries()) {
    if (tlb.size > 64) yield `the TLB of core ${core} holds ${tlb.size} entries`;
    for (const [slot, { asid, page, size, target, gpa }] of tlb) {
      const aligned = [page, gpa ?? 0].every((address) => address % size === 0) && target % PAGE_SIZE === 0;
      if (!aligned || !slot.startsWith(`${asid}/`))
        yield `the TLB entry ${slot} of core ${core} is malformed`;
    }
  }
}

/** What Xen and the secure processor believe of an encrypted guest. */
function* brokenBinding(p: Platform, { name, asid, handle, context }: DomainCell): Generator<string> {
  const guest =
    context !== null
      ? p.state.cell('context', context / PAGE_SIZE)
      : handle === null
        ? null
        : p.state.cell('handle', handle);
  if (!guest) yield `${name} is unknown to the secure processor`;
  else if (guest.asid !== asid) yield `${name} has ASID ${asid}, and ${guest.asid} for the secure processor`;
  else if (p.state.cell('slot', asid)?.keyId !== guest.vek) yield `${name}'s slot holds another key`;
}

/** Whatever Xen believes: an encrypted vCPU enters only while a guest of the firmware has that ASID, and with that guest’s key. */
function* brokenEntry(p: Platform, domain: DomainCell): Generator<string> {
  const [vmcb] = domain.vmcbs;
  const entry = vmcb === undefined ? null : prepareEntry(p, domain.core, domain);
  if (!entry?.ok || !entry.value.mode.sev) return;
  const { asid } = entry.value.control;
  const holder = [...livingGuests(p)].find((guest) => guest.asid === asid);
  if (!holder) yield `${domain.name} may enter with ASID ${asid}, which no guest of the firmware has`;
  else if (p.state.cell('slot', asid)?.keyId !== holder.vek)
    yield `${domain.name} may enter with another key than that of ASID ${asid}`;
}

/** The guests that the firmware keeps, with SNP or without. */
function* livingGuests(p: Platform): Generator<{ readonly asid: number; readonly vek: string }> {
  for (const [name] of p.state.allCells()) {
    const [kind, number] = name.split('/');
    const guest = kind === 'handle' || kind === 'context' ? p.state.cell(kind, Number(number)) : null;
    if (guest) yield guest;
  }
}

function* brokenOwnership(p: Platform): Generator<string> {
  const xen = p.state.need('xen');
  const owners = new Map<number, string>();
  const claims: [string, readonly (readonly [number, number])[], number][] = [
    ['free', xen.free, OWNER_FREE],
    ['heap', xen.heap, OWNER_HYPERVISOR],
  ];
  const asids = new Set<number>();
  for (const { id, name, sev, asid, paused, finished, frames, ...own } of livingDomains(p)) {
    claims.push([name, frames, OWNER_GUEST + id], [`tables of ${name}`, own.tableFrames, OWNER_HYPERVISOR]);
    const vmsas = own.vmsas.map((vmsa) => [vmsa / PAGE_SIZE, 1] as const);
    claims.push([`VMSAs of ${name}`, vmsas, OWNER_GUEST + id]);
    if (vmsas.length !== (hasVmsas(own) ? own.vmcbs.length : 0)) yield `${name} has ${vmsas.length} VMSAs`;
    if (!paused && !p.state.cell('guest', id)) yield `${name} runs without an OS`;
    if (!paused && !finished) yield `${name} runs before its launch is over`;
    if (hasCoco(p) && asid !== FALLBACK_ASID && asids.has(asid)) yield `${name} shares ASID ${asid}`;
    if (sev && asid <= FALLBACK_ASID) yield `${name} is encrypted with ASID ${asid}`;
    asids.add(asid);
  }
  for (const [name, runs, owner] of claims) {
    for (const [first, count] of runs) {
      for (let frame = first; frame < first + count; frame++) {
        const other = owners.get(frame);
        if (other) yield `frame ${frame} belongs to ${other} and to ${name}`;
        owners.set(frame, name);
        const word = pageOwner(p.state.pages.get(frame));
        if (word !== owner) yield `frame ${frame} of ${name} is marked ${word}`;
      }
    }
  }
}
