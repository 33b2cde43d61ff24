import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TREE_STATUS } from '../../core/status';
import vectors from '../vectors/xl.json';
import { type HostAbilities, refusedBy } from './checks';
import type { XlConfig } from './config';
import { DIALECTS, type Dialect, keysOf } from './dialects';
import { createdomainFlags } from './flags';
import { type ParsedXl, parseXl, withExtra } from './parse';

const GUEST = 'name = "x"\ntype = "pvh"\nkernel = "/k"\n';
const HVM = 'name = "x"\ntype = "hvm"\n';
const host: HostAbilities = { hap: true, iommu: true, encryption: true, es: true };

function configOf(text: string, dialect: Dialect = 'upstream'): XlConfig {
  const parsed = parseXl(text, dialect);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.config;
}

function refusal(text: string, dialect: Dialect = 'upstream'): string {
  const parsed = parseXl(text, dialect);
  if (parsed.ok) throw new Error('it was accepted');
  const { line, column, message } = parsed.error;
  return `${line}:${column}: ${message}`;
}

const warningsOf = (text: string, dialect: Dialect = 'upstream'): string[] =>
  parseXl(text, dialect).warnings.map(({ line, column, message }) => `${line}:${column}: ${message}`);

/** Keys that this project has added since the vectors were written. */
const SINCE = new Set(
  'svsm sev_features id_block id_auth author_key host_data vmm_type vcpu_sig guest_features'.split(' '),
);

describe('the dialects', () => {
  it('stand as the vectors say', () => {
    const statuses = Object.fromEntries(DIALECTS.map((name) => [name, TREE_STATUS[name]]));
    expect(statuses).toEqual(vectors.xlCfg.dialects);
  });
  it.each(DIALECTS)('%s has its keys', (dialect) => {
    const keys = [...keysOf(dialect)].filter((key) => !SINCE.has(key));
    expect(keys.sort()).toEqual([...vectors.xlCfg.knownKeys[dialect]].sort());
  });
});

describe('what a file means', () => {
  it.each<[string, object]>([
    ['type = "pv"', { type: 'pv', hap: false }],
    ['type = "p"', { type: 'pv' }],
    ['type = ["pvh"]', { type: 'pv' }],
    ['vcpus = 0', { vcpus: 0, maxVcpus: 1 }],
    ['maxvcpus = 3', { vcpus: 1, maxVcpus: 3 }],
    ['memory = 010', { targetMemKiB: 8192 }],
    ['memory = 512; maxmem = 1024', { targetMemKiB: 524288, maxMemKiB: 1048576 }],
    ['root = "/dev/a"', { cmdline: 'root=/dev/a' }],
    ['extra = "quiet"', { cmdline: 'quiet' }],
    ['cmdline = "c"; root = "r"', { cmdline: 'c' }],
    ['hap = 0', { hap: false }],
    ['disk = [ "a", ["b"], "c" ]', { disk: ['a'] }],
    ['on_crash = "preserve"', { other: { onCrash: 'preserve' } }],
    ['cpus = "0-3,^1,nodes:0,all"', { other: { cpus: ['0-3,^1,nodes:0,all'] } }],
    ['altp2m = 2', { other: { altp2m: 'external' } }],
    ['altp2m = "Mixed"', { other: { altp2m: 'mixed' } }],
    ['max_grant_frames = 64', { other: { maxGrantFrames: 64 } }],
  ])('%s', (line, expected) => expect(configOf(`${GUEST}${line}\n`)).toMatchObject(expected));

  it.each<[string, object]>([
    ['firmware = "uefi"', { bios: 'ovmf' }],
    ['firmware = "u"', { bios: 'ovmf' }],
    ['firmware = "OVMF"', { bios: 'ovmf' }],
    ['firmware = "bios"', { bios: 'default (by device model)' }],
    ['firmware = "/my.bin"', { other: { firmwarePath: '/my.bin' } }],
    ['bios = "seabios"', { bios: 'seabios' }],
    ['serial = [ "pty", "null" ]', { other: { serial: ['pty', 'null'] } }],
    ['viridian = 1', { other: { viridian: true } }],
    ['viridian = [ "base", "!stimer" ]', { other: { viridian: ['base', '!stimer'] } }],
  ])('of an HVM guest: %s', (line, expected) => expect(configOf(`${HVM}${line}`)).toMatchObject(expected));

  it.each([
    [`${GUEST}memory = 1f`, 'targetMemKiB'],
    [`${GUEST}memory = 256; memory += 256`, 'targetMemKiB'],
    [`${HVM}kernel = "/usr/lib/xen/boot/hvmloader"`, 'kernel'],
    [`${GUEST}serial = "pty"`, 'other.serial'],
  ])('%j sets nothing', (text, field) => expect(configOf(text)).not.toHaveProperty(field));

  it('a boot loader of Xen’s stands for the kernel', () => {
    const config = configOf('name = "x"\ntype = "pvh"\nfirmware = "pvgrub64"');
    expect(config.kernel).toBe('/usr/lib/xen/boot/pvgrub64.bin');
  });
});

describe('where xl ends', () => {
  it.each([
    ['type = "sev"\nname = "x"', '1:8: Invalid domain type sev.'],
    ['', '1:1: Domain name must be specified.'],
    ['name = [ "x" ]', '1:8: Domain name must be specified.'],
    [`${GUEST}uuid = "1234"`, '4:8: Failed to parse UUID: 1234'],
    [`${GUEST}vcpus = "-1"`, '4:9: Unable to allocate cpumap'],
    [`${GUEST}vcpus = 4; maxvcpus = 2`, '4:23: xl: maxvcpus < vcpus'],
    [`${GUEST}cpus = [ "0", "x" ]`, '4:8: Invalid pcpu range: x.'],
    [`${GUEST}cpus = "^all"`, '4:8: Invalid pcpu range: ^all.'],
    [`${GUEST}max_grant_frames = "many"`, '4:20: xl ends without a message'],
    [`${GUEST}on_reboot = "dance"`, '4:13: Unknown on_reboot action "dance" specified'],
    [`${GUEST}passthrough = "maybe"`, "4:15: ERROR: unknown passthrough option 'maybe'"],
    [`${GUEST}firmware = "ovmf"`, '4:12: ERROR: both kernel and firmware specified'],
    ['name = "x"; type = "pv"; firmware = "ovmf"', '1:37: ERROR: only pvgrub{32|64} supported'],
    ['name = "x"', '1:1: Neither kernel nor bootloader specified'],
    [`${GUEST}altp2m = 4`, '4:10: ERROR: invalid value 4 for "altp2m"'],
    [`${HVM}bios = "grub"`, '3:8: ERROR: invalid value "grub" for "bios"'],
    [`${HVM}viridian = [ "glass" ]`, "3:12: xl: unknown viridian enlightenment 'glass'"],
  ])('%j', (text, message) => expect(refusal(text)).toContain(message));

  it('keys of a proposal count only in its dialect', () => {
    const text = `${GUEST}x2apic_mode = "on"\nsev_type = "sev2"`;
    expect(refusal(text, 'branch-coco')).toBe('4:15: Unknown x2apic mode "on" specified');
    expect(refusal(`${GUEST}sev_type = "sev2"`, 'project')).toBe('4:12: Unknown sev_type "sev2" specified');
    expect(configOf(text, 'rfc-2025-05')).not.toHaveProperty('x2apicMode');
  });

  it('at 64 KiB', () => {
    const full = GUEST.padEnd(64 * 1024, '\n');
    expect(parseXl(full, 'upstream').ok).toBe(true);
    expect(refusal(`${full}\n`)).toBe('1:1: The file has 65537 bytes; a configuration has at most 65536.');
  });
});

describe('what xl warns of, and goes on', () => {
  it.each([
    ['memory = "much"', "4:10: parameter 'memory' is not a valid number: ignored"],
    ['memory = 08', "4:10: parameter 'memory' is not a valid number: ignored"],
    ['memory = ""', "4:10: parameter 'memory' is not a valid number: ignored"],
    ['memory = [ 1 ]', "4:10: parameter 'memory' is a list but should be a single value: ignored"],
    ['memory += 1', "4:11: can't use += with numbers for parameter 'memory': ignored"],
    ['vif = "bridge=a"', "4:7: parameter 'vif' is a single value but should be a list: ignored"],
    [
      'maxmem = 99999999999999999999',
      "4:10: parameter 'maxmem' could not be parsed as a number: Numerical result out of range: ignored",
    ],
    ['cmdline = "a"; extra = "b"', '4:11: ignoring root= and extra= in favour of cmdline='],
  ])('%s', (line, warning) => expect(warningsOf(`${GUEST}${line}`)).toEqual([warning]));

  it('of a policy that does not fit', () => {
    expect(warningsOf(`${GUEST}sev_policy = 0x1ffffffff`, 'branch-coco')[0]).toContain(
      'greater than maximum',
    );
  });
});

describe('keys that nobody reads', () => {
  const ignored = (text: string, dialect: Dialect) =>
    parseXl(text, dialect).ignoredKeys.map(({ key, message, line, column }) => ({
      key,
      message,
      line,
      column,
    }));

  it('are told once each, where they stand', () => {
    expect(ignored(`${GUEST}zork = 1\nzork = 2\nboot = "c"`, 'upstream')).toEqual([
      { key: 'zork', line: 5, column: 8, message: expect.stringContaining('does not know “zork”') },
      { key: 'boot', line: 6, column: 8, message: expect.stringContaining('does not model') },
    ]);
  });
  it('name the dialects that would know them', () => {
    const [coco] = ignored(`${GUEST}coco = 1`, 'branch-2024-10');
    expect(coco?.message).toContain('rfc-2025-05, branch-coco, project');
  });
});

describe('what libxl asks Xen for, and what Xen says', () => {
  const flags = (text: string, dialect: Dialect = 'upstream'): number =>
    createdomainFlags(configOf(text, dialect), dialect).flags;
  it.each([
    ['oos = 0', 0xb],
    ['vpmu = 1', 0x83],
    ['pci = [ "01:00.0" ]', 0x23],
    ['pci = [ "01:00.0" ]; passthrough = "disabled"', 0x3],
    ['nestedhvm = 1', 0x43],
  ])('%s', (line, expected) => expect(flags(HVM + line)).toBe(expected));

  const KINDS = 'sev_type and the ES bit of sev_policy name different kinds of guest';
  const why = (text: string, dialect: Dialect, abilities: Partial<HostAbilities> = {}): string | undefined =>
    refusedBy(configOf(text, dialect), dialect, { ...host, ...abilities })?.why;
  it.each<[string, Dialect, Partial<HostAbilities>, string | undefined]>([
    [GUEST, 'upstream', {}, undefined],
    [GUEST, 'upstream', { hap: false }, 'HAP requested but not available'],
    [`${GUEST}vcpus = 129`, 'upstream', {}, 'requested vCPUs exceed the most that there can be'],
    [`${GUEST}pci = [ "01:00.0" ]`, 'upstream', {}, 'a PVH guest has no passthrough'],
    [`${HVM}pci = [ "01:00.0" ]`, 'upstream', { iommu: false }, 'IOMMU requested but not available'],
    [`${HVM}cmdline = "x"`, 'upstream', {}, 'direct boot parameters specified but kernel missing'],
    [`${HVM}hap = 0; nestedhvm = 1`, 'upstream', {}, 'nested virtualisation not supported without HAP'],
    [`${GUEST}coco = 1`, 'upstream', { encryption: false }, undefined],
    [`${GUEST}coco = 1`, 'rfc-2025-05', { encryption: false }, 'needs a platform for encrypted guests'],
    [`${GUEST}hap = 0; nestedhvm = 0; coco = 1`, 'rfc-2025-05', { encryption: false }, 'needs HAP'],
    [
      `${GUEST}coco = 1; memory = 1; maxmem = 2`,
      'project',
      {},
      'an encrypted guest excludes populate on demand (memory below maxmem)',
    ],
    [`${GUEST}coco = 1; memory = 1; maxmem = 2`, 'rfc-2025-05', {}, undefined],
    [`${GUEST}coco = 1; sev_type = "sev-es"; sev_policy = 0x0f`, 'project', {}, undefined],
    [`${GUEST}coco = 1; sev_type = "sev-es"; sev_policy = 0x0b`, 'project', {}, KINDS],
    [`${GUEST}coco = 1; sev_type = "sev"; sev_policy = 0x0f`, 'project', {}, KINDS],
    [`${GUEST}coco = 0; sev_type = "sev"; sev_policy = 0x0f`, 'project', {}, undefined],
    [`${GUEST}coco = 1; sev_type = "sev-es"`, 'project', { es: false }, 'needs a processor with SEV-ES'],
    [`${GUEST}coco = 1; sev_policy = 4`, 'branch-coco', { es: false }, 'needs a processor with SEV-ES'],
    [`${GUEST}coco = 1; sev_policy = 4`, 'rfc-2025-05', { es: false }, undefined],
    [`${GUEST}trap_unmapped_accesses = 1`, 'upstream', {}, 'trap_unmapped_accesses is not supported on x86'],
  ])('%j %s %j', (text, dialect, abilities, expected) =>
    expect(why(text, dialect, abilities)).toBe(expected),
  );
});

it('arguments of xl create come last and win', () => {
  expect(withExtra('a = 1', [])).toBe('a = 1');
  expect(configOf(withExtra(`${GUEST}memory = 1 # no newline`, ['memory=2', 'vcpus=3']))).toMatchObject({
    targetMemKiB: 2048,
    vcpus: 3,
  });
});

describe('any text gives a configuration or a located error', () => {
  function isTold(text: string, dialect: Dialect): void {
    const parsed: ParsedXl = parseXl(text, dialect);
    const lines = text.split('\n');
    const said = [...parsed.warnings, ...parsed.ignoredKeys, ...(parsed.ok ? [] : [parsed.error])];
    for (const { message, line, column } of said) {
      expect(message).not.toBe('');
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual([...(lines[line - 1] ?? '')].length + 1);
    }
  }
  const dialect = fc.constantFrom(...DIALECTS);
  const sample = fc.constantFrom(...vectors.xlCfg.samples.map(({ text }) => text));
  const bit = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom(...'\n"\'[]=;#,\\ 0xfA+', '+=', 'coco', '[['),
  );

  it('mutated samples', () => {
    const cut = fc.tuple(fc.nat(700), fc.nat(8), bit);
    fc.assert(
      fc.property(sample, fc.array(cut, { minLength: 1, maxLength: 4 }), dialect, (text, cuts, name) => {
        const mutated = cuts.reduce(
          (left, [at, length, put]) => left.slice(0, at) + put + left.slice(at + length),
          text,
        );
        isTold(mutated, name);
      }),
      { numRuns: 500 },
    );
  });
  it('anything', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(bit).map((bits) => bits.join('')),
    );
    fc.assert(fc.property(any, dialect, isTold), { numRuns: 500 });
  });
  it('every key with every kind of value', () => {
    const value = fc.constantFrom(
      '1',
      '0',
      '"x"',
      '""',
      '[]',
      '["a"]',
      '[[1]]',
      '"-1"',
      '99999999999999999999',
    );
    const key = fc.constantFrom(...keysOf('project'));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.constantFrom('=', '+='), value)), dialect, (settings, name) =>
        isTold(GUEST + settings.map((setting) => setting.join(' ')).join('\n'), name),
      ),
      { numRuns: 500 },
    );
  });
});
