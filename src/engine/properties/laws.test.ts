import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Action } from '../actions';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { executePvalidate } from '../cpu/rmpInstructions';
import * as checks from '../rmp/checks';
import type { InstructionCheck } from '../rmp/instructions/instruction';
import { PSMASH } from '../rmp/instructions/psmash';
import { PVALIDATE } from '../rmp/instructions/pvalidate';
import { RMPADJUST } from '../rmp/instructions/rmpadjust';
import { RMPQUERY } from '../rmp/instructions/rmpquery';
import { RMPUPDATE } from '../rmp/instructions/rmpupdate';
import { REFUSALS } from '../rmp/testing/refusals';
import { Bench } from '../testing/bench';
import { brokenLaws, type Law } from '../testing/snpLaws';
import { snpPlays, snpTable } from '../testing/snpPlay';
import { Integrity } from './integrity';

const RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);
/** Enough that each law below is seen to break where its check is missing. */
const SEARCHED = 15;

const bench = snpTable();
const plays = snpPlays(bench);

afterEach(() => void vi.restoreAllMocks());

/** The laws that some play breaks: the search ends with the wanted one. */
function found(wanted: Law): Law | null {
  const sample = fc.sample(plays, { numRuns: SEARCHED, seed: 20_260 });
  return sample.some((play) => brokenLaws(bench, play).includes(wanted)) ? wanted : null;
}

/** Names of the refusals that are none any more. */
const noticed = (): string[] =>
  REFUSALS.filter(({ expected, tried }) => {
    try {
      const { end, changed } = tried();
      return end !== expected || changed;
    } catch {
      return true;
    }
  }).map(({ of, name }) => `${of}: ${name}`);

describe('on SEV-SNP, whatever hypervisor, devices and two guests do', () => {
  it('a guest reads what it wrote or faults, no two guests hold one page, immutable entries stay, and nobody sees secrets', () => {
    fc.assert(
      fc.property(plays, (play) => {
        expect(brokenLaws(bench, play)).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it('the play is no empty one: most kinds of action succeed in it now and then', () => {
    const done = new Set<string>();
    for (const play of fc.sample(plays, { numRuns: 4, seed: SEED })) {
      const start = bench.changes.length;
      for (const action of play) if (bench.perform(action).ok) done.add(action.type);
      for (const change of bench.changes.splice(start).toReversed()) bench.state.revert(change);
    }
    for (const type of ['guest.write', 'guest.read', 'guest.convert', 'host.rmpupdate', 'host.psmash'])
      expect([type, done.has(type)]).toEqual([type, true]);
    for (const type of ['host.remap', 'host.write', 'device.write', 'probe.read'])
      expect([type, done.has(type)]).toEqual([type, true]);
  });
});

/** Each check of an access: the law that the plays break without it (null: no law is about it), and what else notices. */
const ACCESS_CHECKS: readonly [keyof typeof checks, Law | null, string][] = [
  ['notBusy', null, 'access: another processor uses the entry'],
  ['hypervisorOwned', 'own bytes', 'access: the host writes a guest’s'],
  ['covered', null, 'access: no entry'],
  ['guestOwned', 'one holder', 'access: another guest’s'],
  ['reverseMap', 'own bytes', 'access: another GPA'],
  ['mutable', null, 'access: immutable'],
  ['pageSize', null, 'access: 4 KiB mapped as 2 MiB'],
  ['validated', 'own bytes', 'access: not accepted'],
  ['vmplAllows', null, 'access: not for this VMPL'],
];

/** The same of each check of an instruction, by its rule. */
const INSTRUCTION_CHECKS: Readonly<Record<string, readonly [string, Law | null, string][]>> = {
  RMPUPDATE: [
    ['rmp.host-mode', null, 'RMPUPDATE: SNP is not enabled'],
    ['rmp.host-cpl', null, 'RMPUPDATE: CPL 3'],
    ['rmp.host-asid', null, 'RMPUPDATE: a guest'],
    ['rmpupdate.aligned', null, 'RMPUPDATE: 2 MiB from the middle'],
    ['rmpupdate.input', null, 'RMPUPDATE: a page beyond the table'],
    ['rmpupdate.unassigned', null, 'RMPUPDATE: nobody’s, with an ASID'],
    ['rmpupdate.immutable', 'immutable', 'RMPUPDATE: the firmware’s'],
    ['rmpupdate.in-use', null, 'RMPUPDATE: its VMSA'],
    ['rmpupdate.overlap', null, 'RMPUPDATE: 4 KiB in 2 MiB'],
  ],
  PSMASH: [
    ['rmp.host-mode', null, 'PSMASH: SNP is not enabled'],
    ['rmp.host-cpl', null, 'PSMASH: CPL 3'],
    ['rmp.host-asid', null, 'PSMASH: a guest'],
    ['psmash.input', null, 'PSMASH: a page in the middle'],
    ['psmash.large', null, 'PSMASH: immutable'],
    ['psmash.in-use', null, 'PSMASH: in use'],
  ],
  PVALIDATE: [
    ['rmp.guest-mode', null, 'PVALIDATE: not SNP-active'],
    ['rmp.host-cpl', null, 'PVALIDATE: CPL 3'],
    ['pvalidate.vmpl', null, 'PVALIDATE: VMPL1'],
    ['rmp.guest-aligned', null, 'PVALIDATE: 2 MiB at a crooked address'],
    ['rmp.guest-walk', null, 'PVALIDATE: no guest mapping'],
    ['rmp.nested-walk', null, 'PVALIDATE: no nested mapping'],
    ['rmp.guest-page', null, 'PVALIDATE: another guest’s'],
    ['rmp.guest-smaller', null, 'PVALIDATE: 4 KiB through a nested mapping of 2 MiB'],
    ['rmp.guest-larger', null, 'PVALIDATE: 2 MiB of pieces'],
  ],
  RMPADJUST: [
    ['rmp.guest-mode', null, 'RMPADJUST: not SNP-active'],
    ['rmp.host-cpl', null, 'RMPADJUST: CPL 3'],
    ['rmp.guest-aligned', null, 'RMPADJUST: 2 MiB at a crooked address'],
    ['rmpadjust.exists', null, 'RMPADJUST: a VMPL that there is not'],
    ['rmpadjust.lower', null, 'RMPADJUST: itself'],
    ['rmp.guest-walk', null, 'RMPADJUST: no guest mapping'],
    ['rmp.nested-walk', null, 'RMPADJUST: no nested mapping'],
    ['rmp.guest-page', null, 'RMPADJUST: another guest’s'],
    ['rmp.guest-smaller', null, 'RMPADJUST: 4 KiB of 2 MiB'],
    ['rmpadjust.validated', null, 'RMPADJUST: not accepted'],
    ['rmp.guest-larger', null, 'RMPADJUST: 2 MiB of pieces'],
    ['rmpadjust.subset', null, 'RMPADJUST: more than it has'],
  ],
  RMPQUERY: [
    ['rmpquery.exists', null, 'RMPQUERY: on Milan'],
    ['rmp.guest-mode', null, 'RMPQUERY: not SNP-active'],
    ['rmp.host-cpl', null, 'RMPQUERY: CPL 3'],
    ['rmpquery.level', null, 'RMPQUERY: a VMPL above'],
    ['rmp.guest-walk', null, 'RMPQUERY: no guest mapping'],
    ['rmp.nested-walk', null, 'RMPQUERY: no nested mapping'],
    ['rmp.guest-page', null, 'RMPQUERY: another GPA'],
    ['rmpadjust.validated', null, 'RMPQUERY: not accepted'],
  ],
};

const INSTRUCTIONS = { RMPUPDATE, PSMASH, PVALIDATE, RMPADJUST, RMPQUERY } as const;
const checksOf = (name: string): readonly InstructionCheck<never>[] =>
  INSTRUCTIONS[name as keyof typeof INSTRUCTIONS].checks as readonly InstructionCheck<never>[];

describe('without a check somebody notices', () => {
  it('nothing while all of them are there', () => {
    expect(noticed()).toEqual([]);
  });

  it('each check is listed', () => {
    expect(ACCESS_CHECKS.map(([name]) => name).sort()).toEqual(Object.keys(checks).sort());
    for (const [name, listed] of Object.entries(INSTRUCTION_CHECKS))
      expect(listed.map(([id]) => id)).toEqual(checksOf(name).map(({ rule }) => rule.id));
  });

  it.each(ACCESS_CHECKS)('access, %s', (name, law, witness) => {
    const check = Object.entries(checks).find(([key]) => key === name)?.[1];
    if (!check) throw new Error(`no check ${name}`);
    vi.spyOn(check, 'holds').mockReturnValue(true);
    expect(noticed()).toContain(witness);
    if (law) expect(found(law)).toBe(law);
  });

  it.each(
    Object.entries(INSTRUCTION_CHECKS).flatMap(([name, listed]) =>
      listed.map(([id, law, witness]) => [name, id, law, witness] as const),
    ),
  )('%s, %s', (name, id, law, witness) => {
    const check = checksOf(name).find(({ rule }) => rule.id === id);
    if (!check) throw new Error(`${name} has no check ${id}`);
    vi.spyOn(check, 'refuses').mockReturnValue(false);
    expect(noticed()).toContain(witness);
    if (law) expect(found(law)).toBe(law);
  });
});

describe('the law of a guest’s own bytes', () => {
  const at = GUEST_BASE + 40 * PAGE_SIZE;
  const gpa = at - GUEST_BASE;
  const write: Action = { type: 'guest.write', guest: 'alice', at, data: 'balance=1000 EUR, all mine' };
  const read: Action = { type: 'guest.read', guest: 'alice', at, length: 16 };

  it('needs a guest that validates each GPA once: a second page for it brings the old bytes back', () => {
    const table = new Bench({ technology: 'sev-snp' });
    table.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    const monitor = new Integrity();
    const first = table.spaOf('alice', at);
    const second = (table.state.need('xen').free[0]?.[0] ?? 0) * PAGE_SIZE;
    const map = (to: number): Action => ({ type: 'host.remap', guest: 'alice', gpa, to });
    table.done(write);
    table.done({ type: 'host.rmpupdate', at: second, assigned: true, guest: 'alice', gpa });
    table.done(map(second));
    const { core } = table.domain('alice');
    table.done({ type: 'host.vmrun', guest: 'alice', core });
    const again = executePvalidate(table.machine, core, { gva: at, large: false, validated: true });
    expect(again).toMatchObject({ ok: true, value: { code: 'SUCCESS', carry: false } });
    table.done({ type: 'guest.write', guest: 'alice', at, data: 'balance=2000 EUR, all mine' });
    table.done(map(first));
    table.done(read);
    for (const [index, change] of table.changes.entries()) monitor.fold(change, index);
    expect(monitor.violations.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^Alice read at 0x7f0000028008 something that it did not write/),
    ]);
  });

  it('does not hold against who writes on the wires: SEV-SNP has no defence there', () => {
    const acts: Action[] = [
      { type: 'cpu.wbinvd', core: 0 },
      { type: 'probe.write', at: bench.spaOf('alice', at), data: 'x' },
    ];
    expect(brokenLaws(bench, [write, ...acts, read])).toEqual(['own bytes']);
    expect(brokenLaws(bench, [write, read])).toEqual([]);
  });
});
