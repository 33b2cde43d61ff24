import { completeConfig } from '../../engine/config';
import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../engine/core/address';
import { Machine } from '../../engine/machine';
import type { RmpAccess } from '../../engine/rmp/access';
import { rmpCheck } from '../../engine/rmp/check';
import { rmpChecker } from '../../engine/rmp/checker';
import { entryFor } from '../../engine/rmp/consult';
import { ENTRY_BYTES, PLACEHOLDER, packInto } from '../../engine/rmp/entry';
import { entryIn } from '../../engine/rmp/pageState';
import { ALL_PERMISSIONS } from '../../engine/rmp/permissions';
import { entryAddress, FIRMWARE_UNIT, tableEnd } from '../../engine/rmp/place';
import { storeTable } from '../../engine/rmp/store';
import { atLeast, type FigureDefinition } from '../figure';
import { digits, median, time } from '../stats';
import { dice, PAGES } from '../work/dice';
import { BIG } from '../work/play';

const BASE = 2 ** 30;
const ASID = 3;
/** Different accesses, as many as a guest’s working set has pages, and how often each is checked in a round. */
const ACCESSES = 2 ** 12;
const TIMES = 2 ** 7;
const CHECKS = ACCESSES * TIMES;
const ROUNDS = 7;

/** Every other 2 MiB is one page; each page lies at the GPA that is its SPA. */
const isLarge = (spa: number): boolean => Math.floor(spa / LARGE_PAGE_SIZE) % 2 === 1;

/** A machine of 4 GiB whose pages all belong to one guest, which has accepted them. */
function filled(): Machine {
  const nobody = { change: () => {}, open: () => {}, close: () => {} };
  const p = new Machine(completeConfig({ memory: BIG, generation: 'genoa' }), nobody, new Map(), null);
  p.trace.set('rmp', 0, { base: BASE, end: tableEnd(BASE, BIG, FIRMWARE_UNIT), segmentBits: null });
  p.trace.set('syscfg', 0, { snpEn: true });
  const bytes = new Uint8Array((LARGE_PAGE_SIZE / PAGE_SIZE) * ENTRY_BYTES);
  for (let head = 0; head < BIG; head += LARGE_PAGE_SIZE) {
    const large = isLarge(head);
    for (let i = 0; i < bytes.length / ENTRY_BYTES; i++) {
      const gpa = head + i * PAGE_SIZE;
      const own = entryIn('Guest-Valid', { asid: ASID, gpa, permissions: ALL_PERMISSIONS, large });
      const counted = large || i > 0 ? own : { ...own, subPageCount: 511 };
      packInto(bytes, i * ENTRY_BYTES, large && i > 0 ? PLACEHOLDER : counted);
    }
    storeTable(p, entryAddress(BASE, head), bytes);
  }
  return p;
}

/** Private reads, and writes of the host, all over memory. */
function accesses(): RmpAccess[] {
  const random = dice(4);
  return Array.from({ length: ACCESSES }, (_, n) => {
    const gpa = random(PAGES) * PAGE_SIZE;
    const host = n % 8 === 7;
    return {
      actor: host ? 'host' : 'snp-guest',
      kind: host ? 'write' : 'read',
      c: !host,
      asid: host ? 0 : ASID,
      vmpl: 0,
      user: false,
      gpa,
      large: isLarge(gpa),
    };
  });
}

/** The least that a check could be: the words of an entry in one typed array, compared in a plain loop; milliseconds. */
function plain(list: readonly RmpAccess[]): number {
  const words = new Uint32Array((PAGES * ENTRY_BYTES) / 4).fill(1);
  let passed = 0;
  const ms = time(() => {
    for (let n = 0; n < TIMES; n++)
      for (const { gpa, asid } of list) {
        const at = (gpa / PAGE_SIZE) * 4;
        if (((words[at] as number) & 1) === 1 && (words[at + 1] as number) >>> 19 !== asid) passed++;
      }
  });
  if (passed === 0) throw new Error('the plain loop has compared nothing');
  return ms;
}

const checks: FigureDefinition = {
  name: 'rmp-checks',
  title: 'Checks of accesses against a full RMP of 4 GiB, its entries read from memory',
  unit: 'a second',
  target: atLeast(20_000_000),
  run: async () => {
    const p = filled();
    const list = accesses();
    const entries = list.map((access) => entryFor(p, access.gpa, access));
    const ask = rmpChecker(p);
    const refused = list.filter((access) => ask(access.gpa, access) !== null).length;
    if (refused !== list.filter(({ actor }) => actor === 'host').length)
      throw new Error(`${refused} accesses were refused`);
    const rounds = Array.from({ length: ROUNDS }, () => ({
      all: time(() => {
        for (let n = 0; n < TIMES; n++) for (const access of list) ask(access.gpa, access);
      }),
      check: time(() => {
        for (let n = 0; n < CHECKS; n++)
          rmpCheck(entries[n % ACCESSES] ?? null, list[n % ACCESSES] as RmpAccess);
      }),
      plain: plain(list),
    }));
    const ms = median(rounds.map(({ all }) => all));
    const alone = (CHECKS * 1000) / median(rounds.map(({ check }) => check));
    return {
      value: (CHECKS * 1000) / ms,
      reference: {
        what: 'a plain loop over the words of a table',
        ratio: ms / median(rounds.map((round) => round.plain)),
      },
      notes: [`the checks alone, entries at hand: ${digits(alone / 1e6)} million a second`],
    };
  },
};

export const RMP_FIGURES = [checks];
