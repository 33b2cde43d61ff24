import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../core/change';
import { dump } from '../testing/bench';
import { AT, Firmware, type Given } from '../testing/firmware';
import { COMMANDS } from './commands';
import { guestContext } from './guests';
import { bufferSize, type CommandName, LAYOUTS } from './layouts';
import { MAILBOX_REGISTERS, writeMailbox } from './mailbox';
import { secretBytes } from './secrets';
import { STATUS } from './status';
import { transportKeys } from './transport';

const RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const settings = { numRuns: RUNS, seed: Number(process.env.FUZZ_SEED ?? 20_260) };
const NAMES = Object.keys(COMMANDS) as CommandName[];
const STATUSES: readonly number[] = Object.values(STATUS).map(({ value }) => value);

/** Values that mean something in a field, and now and then any. */
function fieldValue(name: string, size: number): fc.Arbitrary<bigint> {
  const any = fc.bigInt({ min: 0n, max: (1n << BigInt(8 * size)) - 1n });
  const some = (...values: number[]) => fc.constantFrom(...values).map(BigInt);
  const mostly = (usual: fc.Arbitrary<bigint>) =>
    fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: any });
  if (name.startsWith('reserved')) return fc.constant(0n);
  if (name === 'HANDLE') return mostly(some(0, 1, 1, 2, 2, 3));
  if (name === 'ASID') return mostly(some(1, 2, 3, 3, 4, 4, 5));
  if (name === 'POLICY') return mostly(some(0, 0, 0, 1, 2, 4, 8));
  if (name.endsWith('PADDR') || name.endsWith('PTR'))
    return mostly(some(0, AT.out, AT.guest, AT.guest, AT.other, AT.packet, AT.tmr, AT.forbidden, AT.nv));
  if (name.startsWith('CERTS_') || name.startsWith('PLAT_')) return mostly(some(0x186c));
  if (name.includes('CERT') || name.startsWith('P')) return mostly(some(0x824));
  if (name === 'NUMIDS') return mostly(some(1, 2));
  if (name.includes('LEN')) return mostly(some(0x30, 0x34, 64, 0x80, 0xd0, 0x824, 4096, 0x18));
  return mostly(some(0, 0, 0, 1, 2));
}

const fieldsOf = (name: CommandName): fc.Arbitrary<Given> =>
  fc.record(
    Object.fromEntries(LAYOUTS[name].map((field) => [field.name, fieldValue(field.name, field.size)])),
  );

type Deed =
  | { readonly wbinvd: number }
  | { readonly register: (typeof MAILBOX_REGISTERS)[number]; readonly value: number }
  | { readonly name: CommandName; readonly fields: Given };

const command: fc.Arbitrary<Deed> = fc
  .constantFrom(
    ...NAMES,
    ...(['LAUNCH_START', 'ACTIVATE', 'LAUNCH_MEASURE', 'LAUNCH_FINISH', 'DEACTIVATE'] as const),
    ...(['ACTIVATE', 'DECOMMISSION', 'DF_FLUSH', 'LAUNCH_START', 'LAUNCH_UPDATE_DATA'] as const),
  )
  .chain((name) => fieldsOf(name).map((fields) => ({ name, fields })));

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: command },
  { weight: 2, arbitrary: fc.nat(3).map((wbinvd) => ({ wbinvd })) },
  {
    weight: 1,
    arbitrary: fc.record({
      register: fc.constantFrom(...MAILBOX_REGISTERS),
      value: fc.oneof(fc.nat(0xffffffff), fc.constantFrom(...NAMES.map((n) => COMMANDS[n].id << 16))),
    }),
  },
);

/** Guests that come, run and go on two ASIDs, now and then flushed. */
const handle = fc.constantFrom(1, 2, 3);
const simple = (name: CommandName, fields: Given = {}): fc.Arbitrary<Deed> =>
  handle.map((HANDLE) => ({ name, fields: { HANDLE, ...fields } }));
const lives: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<Deed>({ name: 'LAUNCH_START', fields: {} }) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(handle, fc.constantFrom(3, 4))
        .map(([HANDLE, ASID]): Deed => ({ name: 'ACTIVATE', fields: { HANDLE, ASID } })),
    },
    { weight: 3, arbitrary: simple('LAUNCH_MEASURE', { MEASURE_PADDR: AT.out, MEASURE_LEN: 48 }) },
    { weight: 3, arbitrary: simple('LAUNCH_FINISH') },
    { weight: 3, arbitrary: simple('DEACTIVATE') },
    { weight: 1, arbitrary: simple('DECOMMISSION') },
    { weight: 1, arbitrary: fc.constant<Deed>({ name: 'DF_FLUSH', fields: {} }) },
    { weight: 2, arbitrary: fc.nat(3).map((wbinvd) => ({ wbinvd })) },
  ),
  { minLength: 60, maxLength: 200, size: 'max' },
);

const plays = fc.array(deed, { minLength: 10, maxLength: 60, size: 'max' });

/** Does one thing; answers with the status of a command. */
function perform(fw: Firmware, what: Deed): number | null {
  if ('wbinvd' in what) {
    fw.wbinvd(what.wbinvd);
    return null;
  }
  if ('register' in what) return writeMailbox(fw.p, what.register, what.value)?.value ?? null;
  return fw.command(what.name, what.fields).value;
}

const started = (seed = 5): Firmware => {
  const fw = new Firmware({ seed });
  fw.splitAsids(3);
  return fw.init(true);
};

/** Number of the command that a deed starts, or null. */
function commandOf(what: Deed): number | null {
  if ('wbinvd' in what) return null;
  if ('name' in what) return COMMANDS[what.name].id;
  return what.register === 'CmdResp' && what.value < 0x80000000 ? (what.value >>> 16) & 0x7ff : null;
}

const isRingExit = (status: number | null): boolean => status === STATUS.EXIT_RING_BUFFER.value;

/** Which guest holds which ASID, by handle. */
const holders = (fw: Firmware): Map<number, number> => {
  const found = new Map<number, number>();
  for (let handle = 1; handle <= 1024; handle++) {
    const guest = fw.p.state.cell('handle', handle);
    if (guest?.asid) found.set(handle, guest.asid);
  }
  return found;
};

describe('any sequence of commands and mailbox writes', () => {
  it('is answered with a known status, never with an exception, and can be undone', () => {
    fc.assert(
      fc.property(plays, (deeds) => {
        const fw = started();
        const before = dump(fw.p.state);
        const mark = fw.changes.length;
        for (const each of deeds) {
          const status = perform(fw, each);
          if (status !== null) expect(STATUSES).toContain(status);
        }
        fw.undo(mark);
        expect(isDeepStrictEqual(dump(fw.p.state), before)).toBe(true);
      }),
      settings,
    );
  });

  it('gives the same changes again', () => {
    fc.assert(
      fc.property(plays, (deeds) => {
        const [one, other] = [started(), started()];
        for (const each of deeds) for (const fw of [one, other]) perform(fw, each);
        expect(isDeepStrictEqual(one.changes, other.changes)).toBe(true);
      }),
      { ...settings, numRuns: RUNS / 2 },
    );
  });

  it('never lets two live guests hold one ASID, nor gives one away that was used and not flushed', () => {
    fc.assert(
      fc.property(fc.oneof(plays, lives, lives), (deeds) => {
        const fw = started();
        const dirty = new Map<number, Set<number>>();
        let written = new Set<number>();
        for (const each of deeds) {
          const before = holders(fw);
          const active = [...before].filter(
            ([handle]) => guestContext(fw.p, handle)?.activation === 'active',
          );
          const status = perform(fw, each);
          const after = holders(fw);
          expect(new Set(after.values()).size).toBe(after.size);
          for (const [handle, asid] of after)
            if (before.get(handle) !== asid) expect(dirty.get(asid)?.size ?? 0, `ASID ${asid}`).toBe(0);
          for (const [handle, asid] of active) {
            if (after.has(handle)) continue;
            dirty.set(asid, new Set([0, 1]));
            written = new Set();
          }
          if ('wbinvd' in each) written.add(each.wbinvd);
          const id = commandOf(each);
          if (id === COMMANDS.DF_FLUSH.id && !isRingExit(status))
            for (const complexes of dirty.values())
              for (const thread of written) complexes.delete(Math.floor(thread / 2));
          if ((id === COMMANDS.INIT.id || id === COMMANDS.INIT_EX.id) && status === 0) {
            written = new Set();
            for (let asid = 1; asid <= 1006; asid++) dirty.set(asid, new Set([0, 1]));
          }
        }
      }),
      { ...settings, numRuns: 2 * RUNS },
    );
  });
});

/** Every byte that a history carries, each value apart from the next. */
function record(fw: Firmware): string {
  const hex = (bytes: Uint8Array | null) => (bytes ? Buffer.from(bytes).toString('hex') : '');
  const parts = (change: Change): string[] => {
    if (change.store === 'dram') return [hex(change.before), hex(change.after)];
    if (change.store === 'cache') return [hex(change.before?.data ?? null), hex(change.after?.data ?? null)];
    return change.store === 'fact'
      ? [JSON.stringify(change.data), hex(change.bytes)]
      : [JSON.stringify(change)];
  };
  return [...fw.changes.flatMap(parts), JSON.stringify(fw.spans), JSON.stringify(fw.p.state.allCells())].join(
    '\n',
  );
}

describe('a key', () => {
  it('never leaves the secure processor: no fact, cell, span or byte of memory holds one', () => {
    fc.assert(
      fc.property(plays, (deeds) => {
        const fw = started(77);
        const handle = fw.guest('SUPDATE', { asid: 3 });
        fw.done('SEND_UPDATE_DATA', {
          HANDLE: handle,
          HDR_PADDR: AT.header,
          HDR_LEN: 0x34,
          GUEST_PADDR: AT.guest,
          GUEST_LEN: 64,
          TRANS_PADDR: AT.packet,
          TRANS_LEN: 64,
        });
        const keys = [transportKeys(fw.p, fw.p.state.need('handle', handle))];
        fw.done('SWAP_OUT', {
          HANDLE: handle,
          SRC_PADDR: AT.guest,
          DST_PADDR: AT.other,
          MDATA_PADDR: AT.record,
        });
        for (const each of deeds) perform(fw, each);
        const made = record(fw);
        const names = new Set([...made.matchAll(/reset \d+ · (?!nonce)[a-z]+ \d+/g)].map(([name]) => name));
        expect(names.size).toBeGreaterThan(4);
        const bytes = [...names].flatMap((name) => [
          secretBytes(fw.p.config, name, 56),
          secretBytes(fw.p.config, `${name}/data`, 32),
        ]);
        for (const key of [...bytes, ...keys.flatMap(({ tek, tik }) => [tek, tik])])
          expect(made.includes(Buffer.from(key.subarray(0, 16)).toString('hex'))).toBe(false);
      }),
      { ...settings, numRuns: RUNS / 2 },
    );
  });
});

describe('any bytes as a command buffer', () => {
  it('are answered with a status', () => {
    const buffers = fc
      .constantFrom(...NAMES)
      .chain((name) =>
        fc.tuple(
          fc.constant(name),
          fc.uint8Array({ minLength: bufferSize(name), maxLength: bufferSize(name) }),
        ),
      );
    fc.assert(
      fc.property(fc.array(buffers, { minLength: 20, maxLength: 40 }), (all) => {
        const fw = started();
        for (const [name, bytes] of all) {
          fw.put(AT.buffer, bytes);
          const value = writeMailbox(fw.p, 'CmdBufAddr_Lo', AT.buffer);
          expect(value).toBe(null);
          expect(STATUSES).toContain(writeMailbox(fw.p, 'CmdResp', COMMANDS[name].id << 16)?.value);
        }
      }),
      settings,
    );
  });
});
