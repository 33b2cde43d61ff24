import fc from 'fast-check';
import { type Action, DEFINITIONS } from '../actions';
import type { PartialConfig } from '../config';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { GENERATIONS, SME_POLICIES, TECHNOLOGIES, XEN_TREES } from '../core/config';
import { ENCRYPTION_MODES } from '../core/encryption';
import { fieldInfos } from '../core/fields';
import type { FieldInfo } from '../core/vocabulary';
import { program } from './programText';

const MIB = 2 ** 20;

export const config: fc.Arbitrary<PartialConfig> = fc.record({
  generation: fc.constantFrom(...GENERATIONS),
  xen: fc.constantFrom('project', 'project', 'project', ...XEN_TREES),
  technology: fc.constantFrom(...TECHNOLOGIES, 'sev', 'sev', 'sev-es', 'sev-es'),
  sme: fc.constantFrom(...SME_POLICIES),
  tsme: fc.boolean(),
  encryption: fc.constantFrom(...ENCRYPTION_MODES),
  writeBack: fc.constantFrom('soon', 'late'),
  cacheLines: fc.constantFrom(8, 64, 256),
  memory: fc.constantFrom(4 * MIB, 5 * MIB, 16 * MIB),
});

/** Places inside a page: its start, an unaligned byte, a line, and just before its end. */
const offset = fc.constantFrom(0, 0, 0, 3, 64, PAGE_SIZE - 6, PAGE_SIZE - 1);
const inPages = (base: number, last: number): fc.Arbitrary<number> =>
  fc.tuple(fc.nat(last), offset).map(([page, at]) => base + page * PAGE_SIZE + at);

/** Where something ends: windows, widths, C-bits, memory. */
const EDGES = [32, 43, 44, 45, 46, 47, 48, 51, 52].flatMap((bit) => [2 ** bit - PAGE_SIZE, 2 ** bit - 1]);
const AFTER = [32, 43, 44, 45, 46, 47, 48, 51].flatMap((bit) => [2 ** bit, 2 ** bit + 5 * PAGE_SIZE]);
const ENDS = [4, 5, 16].flatMap((mib) => [mib * MIB - 1, mib * MIB, GUEST_BASE + mib * MIB - 1]);

const edge = fc.constantFrom(GUEST_BASE - 1, ...EDGES, ...AFTER, ...ENDS);
const anywhere = fc.nat(2 ** 52 - 1);
const virtual = inPages(GUEST_BASE, 20);
const physical = fc.oneof(inPages(0, 40), inPages(120, 140), inPages(0, 1300));

const mostly = (sensible: fc.Arbitrary<number>, other: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 14, arbitrary: sensible },
    { weight: 2, arbitrary: other },
    { weight: 2, arbitrary: edge },
    { weight: 1, arbitrary: anywhere },
  );

/** Addresses that mean something where they are asked for, and now and then something else. */
const address = (help: string): fc.Arbitrary<number> =>
  help.includes('virtual') ? mostly(virtual, physical) : mostly(physical, virtual);

const data = fc.oneof(
  fc.constantFrom('balance=1000 EUR', 'x', 'z'.repeat(PAGE_SIZE)),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => `hex:${toHex(bytes)}`),
);

/** Names of the files that a play has, and one that it has not. */
export const BLOBS = { small: '0'.repeat(64), empty: '1'.repeat(64), missing: '2'.repeat(64) } as const;

/** Files of Domain-0 and settings of `xl create`, most of which make a guest. */
const FILES = ['alice.cfg', 'alice.cfg', 'bob.cfg', 'bob.cfg', 'carol.cfg', 'mine.cfg'] as const;
const SETTINGS = [
  'memory=1',
  'memory=1',
  'memory=1 vcpus=2',
  'memory=1 sev_type="sev-es"',
  'memory=1 sev_policy=5',
  'memory=2 coco=0',
  'memory=64',
  'memory=1 maxmem=2',
  'name="carol" memory=1',
  'vcpus=300',
  'memory=',
] as const;
const TEXTS = {
  config: fc.constantFrom(...FILES),
  extra: fc.constantFrom(...SETTINGS),
  fields: fc.constantFrom('HANDLE=1', 'HANDLE=1', 'HANDLE=2', 'HANDLE=1 ASID=1', 'POLICY=0x4', 'NONE=1'),
  path: fc.constantFrom('name', 'domid', 'memory/target', '/local/domain/1/name', 'no/such/node'),
  name: fc.constantFrom('mine.cfg', 'alice.cfg', 'note'),
  text: fc.constantFrom('name="mine"\ntype="pvh"\nmemory=1\nkernel="/boot/vmlinuz-sev"\n', 'name=', 'note'),
} as const;
const texts = (type: string, name: string): fc.Arbitrary<string> =>
  type === 'guest.program' && name === 'text'
    ? program
    : (TEXTS[name as keyof typeof TEXTS] ?? fc.constantFrom('note', 'a longer name'));

function valuesOf(
  type: string,
  { kind, name, help, choices, min = 0, max = 0 }: FieldInfo,
): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'address':
      return address(help);
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...choices);
    case 'guest':
      return fc.constantFrom('alice', 'alice', 'alice', 'bob', 'bob', 'carol');
    case 'core':
      return fc.constantFrom(0, 0, 1, 1, 2, 2, 3, 3, 1023);
    case 'data':
      return data;
    case 'text':
    case 'config':
    case 'lines':
      return texts(type, name);
    case 'value':
      return fc.constantFrom('0x0', '0x7f0000005000', 'ffffffffffffffff', 'none');
    case 'blob':
      return fc.constantFrom(...Object.values(BLOBS));
    case 'number':
      if (name === 'vcpu') return fc.constantFrom(min, min, min, min, 1, 1, 2, max);
      if (name === 'pages') return fc.constantFrom(1, 1, 2, 5, 20);
      if (name === 'memory')
        return fc.constantFrom(Math.max(min, PAGE_SIZE), 100_000, MIB, 2 * MIB, 64 * MIB, max);
      return fc.oneof(fc.constantFrom(min, min + 1, max), fc.integer({ min, max: Math.min(max, 200) }));
  }
}

const RARE = new Set(['xl.destroy', 'power.off', 'power.on', 'machine.reset', 'guest.paging']);
/** What means something only in a row. */
const OFTEN = new Set(['guest.program', 'guest.step', 'guest.continue']);
const weightOf = (type: string): number => (RARE.has(type) ? 1 : OFTEN.has(type) ? 12 : 4);

function actionOf(type: string): fc.Arbitrary<Action> {
  const definition = DEFINITIONS.find((each) => each.type === type);
  if (!definition) throw new Error(`no action ${type}`);
  const fields = fieldInfos(definition.schema);
  const required = fields.filter(({ optional }) => !optional).map(({ name }) => name);
  const values = Object.fromEntries(fields.map((info) => [info.name, valuesOf(type, info)]));
  return fc.record(values, { requiredKeys: required }).map((args) => ({ ...args, type }) as Action);
}

/** Sequences long enough that what is done meets what was done. */
export const plays = (types?: readonly string[]): fc.Arbitrary<Action[]> =>
  fc.array(actionFrom(types), { maxLength: 60, size: 'max' });

/** Any action that passes its schema, out of all types or of those that are named. */
export const actionFrom = (
  types: readonly string[] = DEFINITIONS.map(({ type }) => type),
): fc.Arbitrary<Action> =>
  fc.oneof(...types.map((type) => ({ weight: weightOf(type), arbitrary: actionOf(type) })));
