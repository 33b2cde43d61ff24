import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../engine/core/address';
import { pvalidate } from '../../engine/rmp/instructions/pvalidate';
import { rmpadjust } from '../../engine/rmp/instructions/rmpadjust';
import { ALL_PERMISSIONS, permissionsOf, withPermissions } from '../../engine/rmp/permissions';
import { regionEntries, writeEntry } from '../../engine/rmp/table';
import { withTable } from './snp-machine';
import { ASID, asGuest, entryAt, GPA, owned, PAGE, REGION, tried } from './snp-runs';
import { smash, update } from './snp-tries';

/** What an instruction changes, found out by doing it: the clauses that a file would say. */
type Effect = () => readonly string[];

const when = (holds: boolean, clause: string): readonly string[] => (holds ? [clause] : []);

function validates(): readonly string[] {
  const follows = [true, false].every((validated) => {
    const p = withTable();
    const context = asGuest(p, { entry: owned({ validated: !validated }) });
    pvalidate(p, { gva: 0, large: false, validated }, context);
    return entryAt(p, REGION).validated === validated;
  });
  return when(follows, 'Validated := EDX[0]');
}

const MASK = 0b101;

/** The entry after RMPADJUST with a mask and the VMSA bit, by a VMPL that may do everything. */
function adjusted(vmpl: number) {
  const p = withTable();
  const entry = owned({ permissions: withPermissions(owned().permissions, 1, ALL_PERMISSIONS) });
  const context = asGuest(p, { entry, context: { vmpl } });
  rmpadjust(p, { gva: 0, large: false, target: 2, permissions: MASK, vmsa: true }, context);
  return entryAt(p, REGION);
}

function adjusts(): readonly string[] {
  const [first, second] = [adjusted(0), adjusted(1)];
  return [
    ...when(
      [first, second].every((entry) => permissionsOf(entry, 2) === MASK),
      'perm[target] := mask',
    ),
    ...when(first.vmsa && !second.vmsa, 'if current VMPL=0 then VMSA := RDX[16]'),
  ];
}

/** A page as a guest has made it: accepted, a VMSA, with permissions for VMPL1. */
const MADE = owned({ vmsa: true, permissions: withPermissions(ALL_PERMISSIONS, 1, 1) });

function updated(wanted: { readonly gpa?: number; readonly immutable?: boolean }) {
  const p = withTable();
  writeEntry(p, PAGE, MADE);
  update({ wanted })(p);
  return entryAt(p, PAGE);
}

function keeps(): readonly string[] {
  const after = updated({ immutable: true });
  const kept = [
    ...when(after.validated, 'Validated'),
    ...when(after.vmsa, 'VMSA'),
    ...when(after.permissions === MADE.permissions, 'masks'),
  ];
  return [...when(after.immutable, 'write immutable'), `keep ${kept.join(', ')}`];
}

function writes(): readonly string[] {
  const gpa = GPA + LARGE_PAGE_SIZE;
  const after = updated({ gpa });
  const others = [1, 2, 3].map((vmpl) => permissionsOf(after, vmpl));
  return [
    ...when(after.gpa === gpa && after.asid === ASID, 'write'),
    `Validated=${Number(after.validated)}`,
    `VMSA=${Number(after.vmsa)}`,
    `VMPL0 mask ${permissionsOf(after, 0) === ALL_PERMISSIONS ? 'full' : permissionsOf(after, 0)}`,
    `VMPL1-3 masks ${[...new Set(others)].join('/')}`,
  ];
}

function splits(): readonly string[] {
  const p = withTable();
  const before = { ...MADE, large: true };
  writeEntry(p, REGION, before);
  smash()(p);
  const entries = regionEntries(p, REGION);
  const [head] = entries;
  const follows = entries.every(({ gpa }, i) => gpa === GPA + i * PAGE_SIZE);
  const bare = { gpa: 0, large: false, subPageCount: 0 };
  const same = entries.every(
    (entry) => JSON.stringify({ ...entry, ...bare }) === JSON.stringify({ ...before, ...bare }),
  );
  return [
    `${entries.filter(({ large }) => !large).length} 4K entries`,
    ...when(follows, 'consecutive GPA'),
    ...when(same, 'other fields copied'),
    `head sub_page_count=${head?.subPageCount}`,
  ];
}

/** Rows of a file whose outcome says more than a code, by the instruction and the row’s `when`. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  'PVALIDATE: otherwise': validates,
  'RMPADJUST: otherwise': adjusts,
  'RMPUPDATE: assigned, ASID, GPA, size all unchanged': keeps,
  'RMPUPDATE: otherwise': writes,
  'PSMASH: otherwise': splits,
};

export const effectsOf = (instruction: string, row: string): readonly string[] =>
  EFFECTS[`${instruction}: ${row}`]?.() ?? [];

/** What CF says by each end of PVALIDATE, as a file’s sentence has it. */
export function carries(tries: Readonly<Record<string, readonly Parameters<typeof tried>[0][]>>): string {
  const of = (name: string) =>
    [...new Set((tries[name] ?? []).map((each) => tried(each).end.slice(-1)))].join();
  const failed = ['size=2M and GVA[20:12] != 0', 'size=2M and RMP 4K'].map((name) =>
    tried(
      (tries[name] ?? [])[0] ??
        (() => {
          throw new Error(`no try of ${name}`);
        }),
    ),
  );
  const codes = failed.map(({ end }) => /^EAX=(\d)/.exec(end)?.[1]).join(' and ');
  const none = [...new Set(failed.map(({ end }) => end.slice(-1)))].join();
  return `${of('Validated == EDX[0]')} = Validated already had that value (entry unchanged), ${of('otherwise')} = changed; CF = ${none} on codes ${codes}`;
}
