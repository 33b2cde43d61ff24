import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../core/bytes';
import { apResetAddress, hashesTableGpa, readFirmwareTable } from './firmwareTable';
import { guidBytes, guidText } from './guid';
import { hashesTable } from './hashesTable';
import { launchPieces, type SevLaunch } from './launchPieces';
import { secretTable } from './secretTable';
import { type Case, type Cases, guestOf, imageOf, OURS } from './testing/cases.node';
import { signatureFrom, VCPU_SIGNATURES } from './vcpuTypes';
import vectors from './vectors/launch-digest.json';
import { VMM_TYPES, vmsaPage } from './vmsa';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const launchOf = (file: Cases, c: Case): SevLaunch => ({
  ...guestOf(file, c),
  mode: c.mode as SevLaunch['mode'],
});

const tableOf = (image: Uint8Array) => {
  const table = readFirmwareTable(image);
  if (!table.ok) throw new Error(table.fault.message);
  return table.value;
};

function agrees(file: Cases, c: Case): void {
  const launch = launchOf(file, c);
  const pieces = launchPieces(launch);
  expect(pieces.ok).toBe(c.expected_error === undefined);
  if (!pieces.ok) return;
  const bytes = Buffer.concat(pieces.value.map((piece) => piece.bytes));
  expect(sha256(bytes)).toBe(c.expected_digest);
  const of = (what: string) =>
    pieces.value.filter((piece) => piece.what === what).map((piece) => piece.bytes);
  expect(of('kernel hashes').map(toHex)).toEqual(c.hashes_table ? [c.hashes_table.table_hex] : []);
  const [first, ...others] = of('VMSA').map(sha256);
  expect(first).toBe(c.vmsa_bsp_sha256);
  expect(others).toEqual(new Array(Math.max(0, others.length)).fill(c.vmsa_ap_sha256));
  if (c.ap_reset_eip !== undefined)
    expect(apResetAddress(tableOf(launch.image))).toBe(Number(c.ap_reset_eip));
}

const ours = OURS;

describe('a launch', () => {
  it.each(ours.cases.filter(({ mode }) => mode !== 'snp'))('$id', (c) => agrees(ours, c));

  it('without a reset block is none of SEV-ES, whatever the number of processors', () => {
    const image = imageOf(ours, 'syn-e');
    const launch = { mode: 'sev-es', image, kernel: null, vcpus: 1, vmm: 'QEMU', signature: 0 } as const;
    expect(launchPieces(launch)).toMatchObject({ ok: false, fault: { rule: { id: 'image.reset-block' } } });
    expect(launchPieces({ ...launch, mode: 'sev' }).ok).toBe(true);
  });

  it('takes any bytes as an image of plain SEV', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (image) => {
        const pieces = launchPieces({
          mode: 'sev',
          image,
          kernel: null,
          vcpus: 1,
          vmm: 'QEMU',
          signature: 0,
        });
        expect(pieces).toEqual({ ok: true, value: [{ what: 'image', bytes: image }] });
      }),
    );
  });
});

const shared = fileURLToPath(new URL('../../../../../shared/vectors/launch-digest.json', import.meta.url));
const originals: Cases | null = existsSync(shared) ? JSON.parse(readFileSync(shared, 'utf8')) : null;

describe.skipIf(!originals)('the original cases (skipped where the shared vectors are absent)', () => {
  const file = originals ?? ours;
  const sev = file.cases.filter(({ mode }) => mode !== 'snp');

  it.each(sev)('$id', (c) => agrees(file, c));

  it('are all there', () => {
    expect(sev).toHaveLength(11);
    expect(Object.entries(file.vcpu_signatures).map(([name, text]) => [name, Number(text)])).toEqual([
      ...VCPU_SIGNATURES,
    ]);
  });

  it.each(
    Object.keys(file.images).filter(
      (name) => file.images[name]?.footer_table && file.images[name].data_zlib_base64,
    ),
  )('the table of %s', (name) => {
    const table = [...tableOf(imageOf(file, name))].map(([guid, data]) => [guid, toHex(data)]);
    expect(Object.fromEntries(table)).toMatchObject(file.images[name]?.footer_table ?? {});
  });
});

describe('the signature of a processor', () => {
  it.each([
    ['EPYC', 23, 1, 2],
    ['EPYC-Rome', 23, 49, 0],
    ['EPYC-Milan', 25, 1, 1],
    ['EPYC-Genoa', 25, 17, 0],
    ['EPYC-Turin', 26, 0, 0],
  ] as const)('%s: family %i, model %i, stepping %i', (name, family, model, stepping) => {
    expect(signatureFrom(family, model, stepping)).toBe(VCPU_SIGNATURES.get(name));
  });

  it('has no extended family below 16', () => {
    expect(signatureFrom(6, 0x5e, 3)).toBe(0x506e3);
    expect(signatureFrom(255, 255, 15)).toBe(0x0f0f_0fff);
  });
});

describe('a VMSA page', () => {
  it.each(Object.entries(vectors.vmsa_templates))('of %s', (name, template) => {
    const page = vmsaPage({
      vmm: VMM_TYPES.find((vmm) => name.startsWith(vmm)) ?? 'QEMU',
      first: name.endsWith('bsp'),
      address: Number(template.eip),
      signature: Number(template.vcpu_sig),
      features: BigInt(template.guest_features),
    });
    const words = Array.from({ length: 512 }, (_, i) => toHex(page.subarray(8 * i, 8 * i + 8)));
    const set = words.flatMap((word, i) =>
      /[^0]/.test(word) ? [[`0x${(8 * i).toString(16).padStart(3, '0')}`, word]] : [],
    );
    expect(Object.fromEntries(set)).toEqual(template.nonzero_qwords_le_bytes);
    expect(createHash('sha384').update(page).digest('hex')).toBe(template.sha384);
  });
});

describe('the table of an image', () => {
  const WITH = imageOf(ours, 'syn-a');
  const lengthAt = WITH.length - 32 - 18;
  const changed = (at: number, value: number) => {
    const copy = WITH.slice();
    new DataView(copy.buffer).setUint16(at, value, true);
    return readFirmwareTable(copy);
  };

  it('is found and read', () => {
    expect(apResetAddress(tableOf(WITH))).toBe(0x0080b004);
    expect(hashesTableGpa(tableOf(WITH))).not.toBe(null);
    expect(hashesTableGpa(tableOf(imageOf(ours, 'syn-b')))).toBe(null);
    expect(hashesTableGpa(tableOf(imageOf(ours, 'syn-c')))).toBe(null);
  });

  it('is empty in other data', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(49), new Uint8Array(4096), WITH.subarray(0, -1)])
      expect(tableOf(bytes).size).toBe(0);
  });

  it.each([
    ['longer than the image', lengthAt, 5000],
    ['shorter than its own end', lengthAt, 17],
    ['cut in an entry', lengthAt, 18 + 9],
    ['with an entry that is longer than the table', lengthAt - 18, 4000],
    ['with an entry shorter than its end', lengthAt - 18, 3],
  ])('%s is refused', (_, at, value) => {
    expect(changed(at, value)).toMatchObject({ ok: false, fault: { rule: { id: 'image.table' } } });
  });

  it('is read or refused whatever bytes it has, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const copy = WITH.slice();
        for (const [back, value] of changes) copy[copy.length - 1 - back] = value;
        const table = readFirmwareTable(copy);
        if (table.ok) {
          apResetAddress(table.value);
          hashesTableGpa(table.value);
        } else expect(table.fault.message).toMatch(/\.$/);
      }),
    );
  });
});

describe('tables of GUIDs', () => {
  it('keep a GUID through bytes and back', () => {
    const text = '9438d606-4f22-4cc9-b479-a793d411fd21';
    expect(toHex(guidBytes(text))).toBe('06d63894224fc94cb479a793d411fd21');
    fc.assert(fc.property(fc.uuid(), (guid) => guidText(guidBytes(guid)) === guid));
  });

  it('hash an absent initrd as nothing and an absent command line as one NUL', () => {
    const kernel = Uint8Array.of(1);
    const of = (initrd: Uint8Array | null, append: string | null) => hashesTable({ kernel, initrd, append });
    expect(of(null, null)).toEqual(of(new Uint8Array(0), ''));
    expect(toHex(of(null, null)).slice(2 * 36, 2 * 68)).toBe(sha256(Uint8Array.of(0)));
    expect(of(null, 'a')).not.toEqual(of(null, 'a '));
    expect(of(null, 'ä')).toHaveLength(176);
  });

  it('lay secrets out to a multiple of 16', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uuid(), fc.uint8Array({ maxLength: 40 })), { maxLength: 3 }),
        (list) => {
          const table = secretTable(list.map(([guid, data]) => ({ guid, data })));
          const used = 20 + list.reduce((sum, [, data]) => sum + 20 + data.length, 0);
          expect(table.length).toBe(Math.ceil(used / 16) * 16);
          expect(new DataView(table.buffer).getUint32(16, true)).toBe(used);
          let at = 20;
          for (const [guid, data] of list) {
            expect(guidText(table.subarray(at))).toBe(guid);
            expect(table.subarray(at + 20, at + 20 + data.length)).toEqual(data);
            at += 20 + data.length;
          }
        },
      ),
    );
  });
});
