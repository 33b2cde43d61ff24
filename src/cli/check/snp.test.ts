import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import launch from '../../engine/asp/image/vectors/launch-digest.json';
import { madeIdBlock } from '../../engine/asp/snp/testing/idBlocks.node';
import { RECOGNISERS } from './recognisers';
import type { CaseResult } from './result';
import ids from './vectors/id-block.json';

const run = (json: unknown): CaseResult[] =>
  RECOGNISERS.filter((recogniser) => recogniser.recognises(json)).flatMap((recogniser) =>
    recogniser.run(json),
  );
const failures = (json: unknown): CaseResult[] => run(json).filter(({ mismatches }) => mismatches.length > 0);

describe('files of SNP launches', () => {
  it.each([
    ['launch digests', launch, 50],
    ['ID blocks', ids, 1],
  ])('%s: pass when right', (_, json, cases) => {
    expect(failures(json)).toEqual([]);
    expect(run(json)).toHaveLength(cases);
  });

  const folder = new URL('../../../../shared/vectors/', import.meta.url);
  describe.each([
    ['launch-digest.json', 70],
    ['id-block.json', 9],
  ])('the original %s', (name, cases) => {
    const path = fileURLToPath(new URL(name, folder));
    it.skipIf(!existsSync(path))('passes (skipped where the shared vectors are absent)', () => {
      const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
      expect(failures(json)).toEqual([]);
      expect(run(json)).toHaveLength(cases);
    });
  });

  it.each(['images', 'cases', 'page_info_unit', 'vmsa_templates', 'vcpu_signatures'])(
    'are known by %s alone',
    (part) => {
      const { images } = launch;
      const json = { [part]: launch[part as keyof typeof launch], ...(part === 'cases' && { images }) };
      expect(failures(json)).toEqual([]);
      expect(run(json).length).toBeGreaterThan(0);
    },
  );
});

type Path = readonly (string | number)[];

/** Words for people, and what says how an image was made: no case is computed from them. */
const WORDS =
  /^(id|source|note|title|command|formula|kind|description|licence|contents_rule|layout|fill|a|b|header|offset_from_end)$/;

function leaves(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  return Object.entries(node)
    .filter(([key]) => !WORDS.test(key))
    .flatMap(([key, value]) => leaves(value, [...path, Array.isArray(node) ? Number(key) : key]));
}

const at = (node: unknown, path: Path): unknown => path.reduce((part, key) => (part as never)[key], node);

function altered(json: unknown, path: Path): unknown {
  const copy: unknown = structuredClone(json);
  (at(copy, path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1) ?? ''] = another(
    at(json, path),
  );
  return copy;
}

function another(old: unknown): unknown {
  if (typeof old === 'number') return old + 1;
  if (typeof old === 'boolean') return !old;
  if (old === null) return null;
  return String(old).replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '1' ? '2' : '1'));
}

/** A file of one case with the images that it may need. */
const caseFile = (id: string) => ({
  cases: launch.cases.filter((c) => c.id === id),
  images: launch.images,
});

const { page_info_unit, vmsa_templates, vcpu_signatures, images } = launch;
const FILES: Record<string, object> = {
  'an SNP case': caseFile('snp-14'),
  'an SEV-ES case': caseFile('seves-03'),
  'page records': { page_info_unit },
  templates: { vmsa_templates },
  signatures: { vcpu_signatures },
  images: { images },
  'an ID block': ids,
};

/** Images beside a case belong to their own cases; only QEMU’s registers depend on the processor. */
const isIdle = (file: string, [section, name, field]: Path): boolean =>
  (section === 'images' && file.endsWith('case')) ||
  (section === 'vmsa_templates' && field === 'vcpu_sig' && !String(name).startsWith('QEMU'));

const changes = Object.entries(FILES).flatMap(([file, json]) =>
  leaves(json)
    .filter((path) => !isIdle(file, path) && path.at(-1) !== 'footer_table')
    .filter((path) => another(at(json, path)) !== at(json, path))
    .map((path) => [file, path.join('.'), path] as const),
);

describe('one other value fails its case, and only that', () => {
  it.each(changes)('%s: %s', (file, _, path) => {
    expect(failures(altered(FILES[file], path))).toHaveLength(1);
  });

  it('covers nearly every value', () => {
    expect(changes.length).toBeGreaterThan(400);
  });
});

describe('a launch that has to be refused', () => {
  it.each(['snp-21-err', 'sev-06-err'])('%s fails when it is not', (id) => {
    const file = caseFile(id);
    expect(failures(file)).toEqual([]);
    const better = file.cases.map((c) => ({
      ...c,
      image: 'syn-a',
      guest_features: c.mode === 'snp' ? '0x1' : '0x0',
    }));
    expect(failures({ ...file, cases: better })[0]?.mismatches).toMatchObject([
      { what: 'expected_digest', expected: 'refused' },
    ]);
  });
});

describe('a launch case that cannot be run fails with the reason', () => {
  const [snp] = caseFile('snp-14').cases;
  it.each<[string, object, RegExp]>([
    ['without its image', { image: 'moon' }, /the file has no image moon/],
    ['with an image of no bytes', { image: 'bare' }, /bare has no bytes/],
    ['with too many vCPUs', { vcpus: 5000 }, /vcpus: /],
    ['for another hypervisor', { vmm: 'xen' }, /vmm: /],
    ['without a digest', { expected_digest: undefined }, /there is no expected_digest/],
    [
      'with an endless kernel',
      { kernel: { construction: 'byte[i] = (1*i + 1 + (i>>8)) mod 256, 99999999999 bytes' } },
      /more than a test may ask for/,
    ],
    ['with a kernel in other words', { kernel: { construction: 'zeros' } }, /"zeros" is not understood here/],
  ])('%s', (_, change, reason) => {
    const json = { images: { ...images, bare: {} }, cases: [{ ...snp, ...change }] };
    const [failure] = failures(json).filter(({ id }) => !id.startsWith('images'));
    expect(failure?.mismatches.map(({ got }) => got).join()).toMatch(reason);
  });

  it('with a bomb of an image', () => {
    const zeros = deflateSync(new Uint8Array(65 * 2 ** 20)).toString('base64');
    const json = { images: { bomb: { data_zlib_base64: zeros } } };
    expect(failures(json)[0]?.mismatches[0]?.got).toMatch(/larger than/);
  });
});

describe('ID blocks that were changed', () => {
  const { block, auth } = madeIdBlock();
  const base = {
    id: 'base',
    id_block_base64: Buffer.from(block).toString('base64'),
    id_auth_base64: Buffer.from(auth).toString('base64'),
    id_block_signature_valid: true,
    id_key_signature_valid: true,
  };
  const negative = (what: string, status: string, ...valid: boolean[]) => ({
    id: what,
    base: 'base',
    what,
    id_block_signature_valid: valid[0],
    id_key_signature_valid: valid[1],
    expected_launch_finish: status,
  });
  const IGNORED = 'BAD_SIGNATURE when AUTH_KEY_EN = 1, ignored when 0';

  it.each([
    ['bit of LD (block byte 0)', 'BAD_MEASUREMENT (compared first)', false, true],
    ['policy (block byte 0x5a xor 08)', 'POLICY_FAILURE', false, true],
    ['guest_svn bit (block byte 0x54)', 'BAD_SIGNATURE', false, true],
    ['R bit (auth byte 0x40)', 'BAD_SIGNATURE', false, true],
    ['ID_KEY_SIG bit (auth byte 0x680)', IGNORED, true, false],
    ['ID_KEY_ALGO 1 -> 0', 'INVALID_PARAM', true, true],
  ])('%s: %s', (what, status, ...valid) => {
    const given = negative(what, status, ...valid);
    const file = (entry: object) => ({ cases: [base], negative: [entry] });
    expect(failures(file(given))).toEqual([]);
    const wrong = [
      { ...given, expected_launch_finish: 'INACTIVE' },
      { ...given, id_block_signature_valid: !valid[0] },
      { ...given, id_key_signature_valid: !valid[1] },
    ];
    for (const entry of wrong) expect(failures(file(entry)).map(({ id }) => id)).toEqual([what]);
  });

  it.each([
    ['a moon', /is not known here/],
    ['auth byte 4096', /the auth has no byte 4096/],
    ['ID_KEY_ALGO 2 -> 0', /ID_KEY_ALGO of the base is not 2/],
  ])('in a way that is not understood: %s', (what, reason) => {
    const json = { cases: [base], negative: [negative(what, 'BAD_SIGNATURE')] };
    expect(failures(json)[0]?.mismatches[0]?.got).toMatch(reason);
  });

  it('from a base that the file lacks', () => {
    const json = { negative: [negative('block byte 0', 'BAD_MEASUREMENT')] };
    expect(failures(json)[0]?.mismatches[0]?.got).toBe('base: there is no case base');
  });

  it('by another signer are a bad signature', () => {
    const swapped = auth.slice();
    swapped.set(madeIdBlock().idKey, 0x240);
    const stranger = Buffer.from(swapped).toString('base64');
    const own = { ...base, id_auth_base64: stranger };
    expect(failures({ cases: [own] })[0]?.mismatches.map(({ what }) => what)).toEqual([
      'id_block_signature_valid',
      'id_key_signature_valid',
      'SNP_LAUNCH_FINISH',
    ]);
    const told = { ...own, id_block_signature_valid: false, id_key_signature_valid: false };
    expect(failures({ cases: [told] })).toEqual([]);
  });
});

it('no content makes it throw', () => {
  const anything = fc.anything({ withBigInt: false });
  const row = fc.oneof(
    fc.constantFrom<unknown>(...launch.cases, ...launch.page_info_unit, ...ids.cases),
    anything,
  );
  const part = fc.oneof(
    fc.array(row, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('syn-a', 'QEMU-bsp', 'EPYC'), row),
  );
  const name = fc.constantFrom(
    'cases',
    'images',
    'page_info_unit',
    'vmsa_templates',
    'vcpu_signatures',
    'negative',
  );
  fc.assert(
    fc.property(fc.dictionary(name, part), (json) => {
      expect(() => run(json)).not.toThrow();
    }),
  );
});
