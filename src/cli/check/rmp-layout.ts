import { z } from 'zod';
import { PAGE_SIZE } from '../../engine/core/address';
import { readU64, toHex } from '../../engine/core/bytes';
import { ENTRY_BYTES, packEntry, RMP_FIELDS, rmpEntry, unpackEntry } from '../../engine/rmp/entry';
import { pageState } from '../../engine/rmp/pageState';
import { PERMISSIONS } from '../../engine/rmp/permissions';
import { hexOf, u64 } from './fields';
import { type CaseResult, type Compare, hasEntryWith, isRecord, type Recogniser } from './result';
import { runRmpPlace } from './rmp-place';
import { runRmpRecord } from './rmp-record';
import { entryNamed, plain, runTable, sentence } from './tables';

const bit = z.number().int().min(0).max(127);
const flag = z.literal([0, 1]);
const layoutRow = z.object({ lsb: bit, width: bit, name: sentence });

/** Names of a file that are other words than ours. */
const OTHER_NAMES: Readonly<Record<string, keyof typeof RMP_FIELDS>> = {
  pagesize: 'large',
  gpa5012: 'gpa',
  vmpl0permissions: 'vmpl0',
  vmpl1permissions: 'vmpl1',
  vmpl2permissions: 'vmpl2',
  vmpl3permissions: 'vmpl3',
  implicitkeyselect: 'persistentKey',
  rootportid: 'rootPort',
  pcieidestreamid: 'ideStream',
  pagemigration: 'migration',
};

function compareField({ lsb, width, name }: z.infer<typeof layoutRow>, compare: Compare): void {
  const ours = entryNamed('field', OTHER_NAMES[plain(name)] ?? name, RMP_FIELDS);
  compare('lsb', String(lsb), String(ours.lsb));
  compare('width', String(width), String(ours.width));
}

const permissionRow = z.object({ bit, name: sentence });

function comparePermission({ bit: given, name }: z.infer<typeof permissionRow>, compare: Compare): void {
  const ours = entryNamed('permission', name.replace(/^Supervisor-/, ''), PERMISSIONS);
  compare('bit', String(given), String(ours.bit));
}

const stateRow = z.object({
  name: sentence,
  assigned: flag,
  validated: flag,
  immutable: flag,
  asid: z.union([z.number().int().min(0), z.literal('>0')]),
});

/** Some guest, and the page of some guest’s context. */
const ASID = 3;
const CONTEXT = 0x7654000;
const MARK = 2 ** 48;

/** What a name says of the GPA field and the VMSA bit: `(GPA=0,VMSA=1)`, `(GPA field 1, tag 2)`. */
function remarked(name: string): { gpa: number; vmsa: boolean } {
  const [, tag = '0'] = /\btag (\d)\b/.exec(name) ?? [];
  const [, field = '0'] = /\bGPA field (\d)\b/.exec(name) ?? [];
  const page = /GPA = guest context page/.test(name) ? CONTEXT : Number(field) * PAGE_SIZE;
  return { gpa: Number(tag) * MARK + page, vmsa: /\bVMSA=1\b/.test(name) };
}

function compareState(row: z.infer<typeof stateRow>, compare: Compare): void {
  const [assigned, immutable] = [row.assigned === 1, row.immutable === 1];
  const entry = rmpEntry({
    assigned,
    immutable,
    validated: row.validated === 1,
    asid: row.asid === '>0' ? ASID : row.asid,
    lock: assigned && immutable,
    ...remarked(row.name),
  });
  compare('name', plain(row.name), plain(pageState(entry)));
}

const exampleRow = z.object({
  name: sentence,
  fields: z.object({
    assigned: flag.optional(),
    pageSize: flag.optional(),
    immutable: flag.optional(),
    subPageCount: z.number().int().min(0).max(511).optional(),
    gpa: z.number().int().min(0).optional(),
    asid: z.number().int().min(0).max(1023).optional(),
    vmsa: flag.optional(),
    validated: flag.optional(),
    lock: flag.optional(),
    perms: z.array(z.number().int().min(0).max(255)).length(4).optional(),
  }),
  lo: u64.optional(),
  hi: u64.optional(),
  bytesLE: hexOf(ENTRY_BYTES),
});

function compareExample({ fields, lo, hi, bytesLE }: z.infer<typeof exampleRow>, compare: Compare): void {
  const entry = rmpEntry({
    assigned: fields.assigned === 1,
    large: fields.pageSize === 1,
    immutable: fields.immutable === 1,
    subPageCount: fields.subPageCount ?? 0,
    gpa: fields.gpa ?? 0,
    asid: fields.asid ?? 0,
    vmsa: fields.vmsa === 1,
    validated: fields.validated === 1,
    lock: fields.lock === 1,
    permissions: (fields.perms ?? []).reduce((mask, byte, vmpl) => mask + byte * 2 ** (8 * vmpl), 0),
  });
  const ours = packEntry(entry);
  compare('bytes', toHex(bytesLE), toHex(ours));
  compare('fields', JSON.stringify(unpackEntry(bytesLE)), JSON.stringify(entry));
  if (lo !== undefined) compare('lower half', String(lo), String(readU64(ours, 0)));
  if (hi !== undefined) compare('upper half', String(hi), String(readU64(ours, 8)));
}

const TABLES: readonly ((rmp: Record<string, unknown>) => CaseResult[])[] = [
  (rmp) => runTable('rmp.layout', rmp.layout, layoutRow, compareField),
  runRmpPlace,
  runRmpRecord,
  (rmp) => runTable('rmp.permissionBits', rmp.permissionBits, permissionRow, comparePermission),
  (rmp) => runTable('rmp.pageStates', rmp.pageStates, stateRow, compareState),
  (rmp) => runTable('rmp.examples', rmp.examples, exampleRow, compareExample),
];

/** Values that a file may hold without any table. */
const SINGLE = [
  'entryBytes',
  'bookkeepingBytes',
  'bookkeepingUse',
  'entryAddress',
  'coverage',
  'rmpupdateFormat',
] as const;

/** The entries of the RMP and where they lie, in the formats of `rmp` of `cpu.json`. */
export const rmpLayout = {
  name: 'the layout of the RMP',
  recognises: (json: unknown) =>
    isRecord(json) &&
    isRecord(json.rmp) &&
    (SINGLE.some((name) => name in (json.rmp as object)) ||
      hasEntryWith(json.rmp.layout, 'lsb', 'width') ||
      hasEntryWith(json.rmp.permissionBits, 'bit') ||
      hasEntryWith(json.rmp.pageStates, 'assigned', 'asid') ||
      hasEntryWith(json.rmp.examples, 'fields', 'bytesLE') ||
      hasEntryWith(json.rmp.sizeExamples, 'cover') ||
      hasEntryWith(json.rmp.rmpreadFormat, 'off', 'size')),
  run: (json: unknown) => {
    const { rmp } = json as { rmp: Record<string, unknown> };
    return TABLES.flatMap((table) => table(rmp));
  },
} satisfies Recogniser;
