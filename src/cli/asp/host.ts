import { u32, u64 } from '../../engine/core/bytes';
import type { Platform } from '../../engine/core/platform';
import { wbinvdOn } from '../../engine/cpu/wbinvd';
import { type RmpEntry, rmpEntry } from '../../engine/rmp/entry';
import { headOf, readEntry, splitLarge, writeEntry } from '../../engine/rmp/table';
import type { Lab } from './lab';
import type { Parameters } from './parameters';

/**
 * What the host does between commands, as the recording’s own model of it: no firmware takes part. The result is a word; OK
 * when it was done.
 */
type Deed = (lab: Lab, of: Parameters) => string;

const page = (of: Parameters): number => of.at('page', 'P0');

/** Sets the done flags of cores: all threads of a core count together. */
function wbinvd({ p }: Lab, of: Parameters): string {
  const { threads } = p.config.topology;
  const cores = p.state.tlbs.length / threads;
  const mask = of.number('cores', 2 ** cores - 1);
  for (let core = 0; core < cores; core++)
    if ((mask >>> core) & 1) for (let i = 0; i < threads; i++) wbinvdOn(p, core * threads + i);
  return 'OK';
}

/** Is there a page of the other size in the way? */
function overlaps(p: Platform, spa: number, before: RmpEntry, large: boolean): boolean {
  const head = readEntry(p, headOf(spa));
  if (large) return !before.large && before.subPageCount > 0;
  return head?.large === true && head.assigned;
}

/** The instruction as software sees it: clears Validated and VMSA, and keeps its hands off what is immutable. */
function rmpUpdate({ p }: Lab, of: Parameters): string {
  const spa = page(of);
  const large = of.text('size', '4K') === '2M';
  const before = readEntry(p, spa);
  if (!before || (large && spa !== headOf(spa))) return 'FAIL_INPUT';
  if (before.immutable) return 'FAIL_PERMISSION';
  if (overlaps(p, spa, before, large)) return 'FAIL_OVERLAP';
  const immutable = of.number('imm', 0) === 1;
  const entry = rmpEntry({
    assigned: of.number('assigned', 1) === 1,
    asid: of.number('asid', 0),
    gpa: of.number('gpa', 0),
    large,
    immutable,
    lock: immutable,
  });
  writeEntry(p, spa, entry);
  return 'OK';
}

/** Changes some fields of a page that has an entry of its own. */
const change =
  (fields: (of: Parameters) => Partial<RmpEntry>): Deed =>
  ({ p }, of) => {
    const entry = readEntry(p, page(of));
    if (!entry) return 'FAIL_INPUT';
    writeEntry(p, page(of), { ...entry, ...fields(of) });
    return 'OK';
  };

function psmash({ p }: Lab, of: Parameters): string {
  const entry = readEntry(p, page(of));
  if (!entry?.large) return 'FAIL_INPUT';
  if (entry.immutable && of.number('force', 0) === 0) return 'FAIL_PERMISSION';
  splitLarge(p, page(of));
  return 'OK';
}

function rangeList(lab: Lab, of: Parameters): string {
  const bytes = new Uint8Array(24);
  bytes.set(u32(1));
  bytes.set(u64(BigInt(of.at('base', 'B0'))), 8);
  bytes.set(u32(of.number('count', 1)), 16);
  lab.poke(of.at('at', 'D5'), bytes);
  return 'OK';
}

function fill(lab: Lab, of: Parameters): string {
  lab.poke(of.at('page', 'D0'), new Uint8Array(4096).fill(of.number('byte', 0)));
  return 'OK';
}

/** Everything that a trace’s host can do, by its name. */
export const HOST_DEEDS: Readonly<Record<string, Deed>> = {
  HOST_WBINVD: wbinvd,
  HOST_RMPUPDATE: rmpUpdate,
  HOST_PVALIDATE: change((of) => ({ validated: of.number('val', 1) === 1 })),
  HOST_SETIMM: change(() => ({ immutable: true, lock: true })),
  HOST_PSMASH: psmash,
  HOST_RANGELIST: rangeList,
  HOST_FILL: fill,
};
