import { type ActionDefinition, defineAction, type Progress } from '../core/action';
import { GUEST_BASE, hex, PAGE_SIZE, pageBase } from '../core/address';
import { bytesEqual } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { flushAsid } from '../cpu/tlb';
import { enterGuest } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { allocate } from './allocate';
import { convertPages, markPage } from './convert';
import { fileMissing } from './fileMissing';
import { growGuest, makeRoom } from './grow';
import { guestIo } from './io';
import { KERNEL } from './kernel';
import { guestAccess, zero } from './kernelAccess';
import { setGuestC } from './mapping';
import { isShared } from './memory';
import { PROCESS_ACTIONS } from './processActions';
import { PROGRAM_ACTIONS } from './programActions';
import { PVALIDATE_ACTION } from './pvalidateAction';
import { actingVcpu } from './ready';
import { call } from './run/run';
import { STEP_ACTION } from './stepActions';
import { VMPL_ACTIONS } from './vmplActions';
import { dataObjects, needsGuest, runningGuest, suggestPlace, withGuest } from './withGuest';

const preview = (data: string): string => (data.length > 24 ? `${data.slice(0, 23)}…` : data);

const at = field.address('guest virtual address');
const vcpu = z.optional(field.count('on which of its vCPUs, 0 by default', 0, 127));

const write = defineAction({
  type: 'guest.write',
  actor: 'guest',
  title: 'Write memory',
  help: 'The guest writes text or bytes: at an address, or into a fresh page of its own when none is given.',
  schema: z.strictObject({
    type: z.literal('guest.write'),
    guest: field.guest(),
    data: field.data('text, or bytes as hex:…'),
    at: z.optional(at),
    name: z.optional(field.text('what a fresh page is called', 32)),
    vcpu,
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, data, at: where }) =>
    `${capital(guest)} writes “${preview(data)}”${where === undefined ? '' : ` at ${hex(where)}`}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, data: 'balance=1000 EUR', name: 'note' }),
  run: (p, { guest, data, at: where, name, vcpu: number }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const acting = actingVcpu(p, domain, number);
      if (!acting.ok) return acting;
      const bytes = dataBytes(data);
      const address = where === undefined ? freshPage(p, domain, name ?? 'note', bytes.length) : ok(where);
      if (!address.ok) return address;
      const written = guestAccess(p, domain, 'write', address.value, bytes.length, bytes, false, number);
      return written.ok ? ok({ at: address.value, length: bytes.length }) : written;
    }),
});

function freshPage(p: Platform, domain: DomainCell, name: string, length: number): Outcome<number> {
  const address = allocate(p, domain, { name, kind: 'text', length });
  if (!address.ok) return address;
  const cleared = zero(p, domain, address.value, Math.ceil(length / PAGE_SIZE));
  return cleared.ok ? address : cleared;
}

const read = defineAction({
  type: 'guest.read',
  actor: 'guest',
  title: 'Read memory',
  help: 'The guest loads bytes through its tables, its TLB and the cache of its core.',
  schema: z.strictObject({
    type: z.literal('guest.read'),
    guest: field.guest(),
    at,
    length: z.optional(field.count('bytes, 64 by default', 1, 4096)),
    vcpu,
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where }) => `${capital(guest)} reads ${hex(where)}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), length: 64 }),
  run: (p, { guest, at: where, length, vcpu: number }) =>
    withGuest(p, guest, (domain) => {
      const acting = actingVcpu(p, domain, number);
      if (!acting.ok) return acting;
      const seen = guestAccess(p, domain, 'read', where, length ?? 64, undefined, false, number);
      return seen.ok ? ok(shown(seen.value)) : seen;
    }),
});

const run = defineAction({
  type: 'guest.run',
  actor: 'guest',
  title: 'Run code',
  help: 'The guest jumps to an address: instruction fetches are always private.',
  schema: z.strictObject({ type: z.literal('guest.run'), guest: field.guest(), at, vcpu }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where }) => `${capital(guest)} runs ${hex(where)}`,
  impossible: needsGuest,
  suggest: (p) => {
    const domain = livingDomains(p)[0];
    const code = dataObjects(p, domain).find((object) => object.kind === 'code');
    return { guest: domain?.name ?? '', at: code?.address ?? GUEST_BASE };
  },
  run: function* (p, { guest, at: where, vcpu: number }): Generator<Progress, Outcome<Json>> {
    const domain = runningGuest(p, guest);
    if (!domain.ok) return domain;
    const acting = actingVcpu(p, domain.value, number);
    return acting.ok ? yield* call(p, acting.value, where) : acting;
  },
});

const convert = defineAction({
  type: 'guest.convert',
  actor: 'guest',
  title: 'Share or take back pages',
  help: 'Makes pages shared (C = 0) or private (C = 1), with or without the flush and the copy that this needs.',
  schema: z.strictObject({
    type: z.literal('guest.convert'),
    guest: field.guest(),
    at,
    to: field.choice('what the pages become', ['shared', 'private']),
    pages: z.optional(field.count('how many pages, 1 by default', 1, 512)),
    flush: z.optional(field.flag('flush the old view first (default yes)')),
    keep: z.optional(field.flag('copy the contents over (default yes)')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where, to }) => `${capital(guest)} makes ${hex(where)} ${to}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), to: 'shared', pages: 1, flush: true, keep: true }),
  run: (p, { guest, at: where, to, pages, flush, keep }) =>
    withGuest(p, guest, (domain) =>
      convertPages(p, domain, where, pages ?? 1, {
        shared: to === 'shared',
        flush: flush ?? true,
        keep: keep ?? true,
      }),
    ),
});

const setC = defineAction({
  type: 'guest.set-c',
  actor: 'guest',
  title: 'Flip a C-bit',
  help: 'Changes only the C-bit in the guest’s page-table entry: no flush, no copy.',
  schema: z.strictObject({
    type: z.literal('guest.set-c'),
    guest: field.guest(),
    at,
    c: field.flag('C = 1, private'),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where, c }) => `${capital(guest)} sets C = ${c ? 1 : 0} for ${hex(where)}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), c: false }),
  run: (p, { guest, at: where, c }) =>
    withGuest(p, guest, (domain) => {
      if (!domain.sev) return noCBit(domain);
      const entered = enterGuest(p, domain);
      if (!entered.ok) return entered;
      const set = setGuestC(p, domain, where, c);
      const page = pageBase(where);
      if (set.ok && isShared(p, domain, page) === c) markPage(p, domain, page, !c);
      return set;
    }),
});

const NO_C_BIT: Rule = {
  id: 'guest.no-c-bit',
  says: 'The C-bit in a guest’s tables means something only with SEV; without it the bit is an address bit or reserved.',
  source: 'APM vol. 2 §15.34.6, Table 15-30',
  standing: 'published',
};

const noCBit = ({ name }: DomainCell): Outcome<never> =>
  refuse(
    NO_C_BIT,
    'refused',
    `${name} runs without SEV and has no C-bit.`,
    { guest: name },
    'A guest with SEV.',
  );

const paging = defineAction({
  type: 'guest.paging',
  actor: 'guest',
  title: 'Switch paging on or off',
  help: 'With paging off the guest has no C-bit: every access is private and addresses are guest physical.',
  schema: z.strictObject({ type: z.literal('guest.paging'), guest: field.guest(), on: field.flag('CR0.PG') }),
  who: ({ guest }) => guest,
  describe: ({ guest, on }) => `${capital(guest)} switches paging ${on ? 'on' : 'off'}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, on: false }),
  run: (p, { guest, on }) =>
    withGuest(p, guest, (domain) => {
      const entered = enterGuest(p, domain);
      if (!entered.ok) return entered;
      const core = p.state.need('core', domain.core);
      p.trace.patch('core', domain.core, { guestPaging: on });
      flushAsid(p, domain.core, core.asid);
      return ok(null);
    }),
});

const io = defineAction({
  type: 'guest.io',
  actor: 'guest',
  title: 'Do I/O',
  help: 'A device reads (send) or writes (receive) for the guest, through its shared bounce buffer or directly.',
  schema: z.strictObject({
    type: z.literal('guest.io'),
    guest: field.guest(),
    direction: field.choice('who moves the bytes where', ['send', 'receive']),
    at,
    via: field.choice('the way', ['bounce', 'direct']),
    data: z.optional(field.data('what the device brings (receive)')),
    length: z.optional(field.count('bytes to send, 64 by default', 1, 4096)),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, direction, via }) =>
    `${capital(guest)} ${direction === 'send' ? 'sends' : 'receives'}${via === 'bounce' ? ' through the bounce buffer' : ' by direct DMA'}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), direction: 'send', via: 'bounce', length: 64 }),
  run: (p, { guest, direction, at: where, via, data, length }) =>
    withGuest(p, guest, (domain) => {
      const incoming =
        direction === 'receive' ? dataBytes(data ?? 'a packet arrives') : new Uint8Array(length ?? 64);
      const moved = guestIo(p, domain, direction, where, via, incoming);
      return moved.ok ? ok(shown(moved.value)) : moved;
    }),
});

const grow = defineAction({
  type: 'guest.grow',
  actor: 'toolstack',
  title: 'Give a guest more memory',
  help: 'Adds frames behind the memory of a running guest; its kernel maps them.',
  schema: z.strictObject({
    type: z.literal('guest.grow'),
    guest: field.guest(),
    memory: field.count('bytes more; rounded up to a 2 MiB boundary', 4096, 2 ** 32),
  }),
  who: () => 'toolstack',
  describe: ({ guest, memory }) => `Give ${capital(guest)} ${memory / 2 ** 20} MiB more`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest, memory: 2 ** 21 }),
  run: (p, { guest, memory }) =>
    withGuest(p, guest, (domain) => {
      const grown = growGuest(p, domain, memory);
      return grown.ok ? ok({ memory: grown.value }) : grown;
    }),
});

const load = defineAction({
  type: 'guest.load',
  actor: 'guest',
  title: 'Load a file',
  help: 'The guest writes a dropped file into fresh pages of its own, page by page; where it has no room, Xen gives it more memory first.',
  schema: z.strictObject({
    type: z.literal('guest.load'),
    guest: field.guest(),
    blob: field.blob('the file'),
    name: field.text('its name'),
    width: z.optional(field.count('pixels a row, for a picture', 1, 8192)),
    height: z.optional(field.count('rows, for a picture', 1, 8192)),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, name }) => `${capital(guest)} loads ${name}`,
  impossible: needsGuest,
  run: function* (p, args): Generator<Progress, Outcome<Json>> {
    const domain = runningGuest(p, args.guest);
    if (!domain.ok) return domain;
    const bytes = p.blobs.get(args.blob);
    if (!bytes) return fileMissing(args.name, args.blob);
    return yield* loadPages(p, domain.value, bytes, args);
  },
});

function* loadPages(
  p: Platform,
  domain: DomainCell,
  bytes: Uint8Array,
  { name, width, height }: { name: string; width?: number | undefined; height?: number | undefined },
): Generator<Progress, Outcome<Json>> {
  const picture = width !== undefined && height !== undefined && width * height * 4 === bytes.length;
  const object = {
    name,
    kind: picture ? 'picture' : 'bytes',
    length: bytes.length,
    ...(picture ? { width, height } : {}),
  } as const;
  const room = makeRoom(p, domain, bytes.length);
  if (!room.ok) return room;
  const address = allocate(p, domain, object);
  if (!address.ok) return address;
  for (let done = 0; done < bytes.length; done += PAGE_SIZE) {
    let page = bytes.subarray(done, done + PAGE_SIZE);
    if (page.length < PAGE_SIZE) {
      const padded = new Uint8Array(PAGE_SIZE);
      padded.set(page);
      page = padded;
    }
    const written = guestAccess(p, domain, 'write', address.value + done, PAGE_SIZE, page, true);
    if (!written.ok) return written;
    yield { done: Math.min(done + PAGE_SIZE, bytes.length), total: bytes.length };
  }
  return ok({ at: address.value, length: bytes.length });
}

const code = defineAction({
  type: 'guest.code',
  actor: 'guest',
  title: 'Write code',
  help: 'The guest puts a small program into a fresh page: mov eax, 42; add eax, 100; ret.',
  schema: z.strictObject({
    type: z.literal('guest.code'),
    guest: field.guest(),
    at: z.optional(field.address('where; a fresh page by default')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest }) => `${capital(guest)} writes a small program`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: suggestPlace(p).guest }),
  run: (p, { guest, at: where }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const address =
        where === undefined
          ? allocate(p, domain, { name: 'program', kind: 'code', length: PAGE_SIZE })
          : ok(where);
      if (!address.ok) return address;
      const page = new Uint8Array(PAGE_SIZE).fill(0x90);
      page.set(KERNEL);
      const written = guestAccess(p, domain, 'write', address.value, PAGE_SIZE, page, true);
      if (!written.ok) return written;
      const back = guestAccess(p, domain, 'read', address.value, KERNEL.length);
      return back.ok ? ok({ at: address.value, readable: bytesEqual(back.value, KERNEL) }) : back;
    }),
});

export const GUEST_ACTIONS: readonly ActionDefinition[] = [
  grow,
  write,
  read,
  code,
  run,
  convert,
  setC,
  paging,
  io,
  load,
  PVALIDATE_ACTION,
  ...PROGRAM_ACTIONS,
  ...PROCESS_ACTIONS,
  STEP_ACTION,
  ...VMPL_ACTIONS,
] as unknown as readonly ActionDefinition[];
