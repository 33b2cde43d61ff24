import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeGhcbMsr,
  encodeGhcbMsr,
  GHCB_MSR,
  type GhcbMsrName,
  type GhcbMsrValues,
  HYPERVISOR_FEATURES,
  NO_GFN,
} from './msr';

/** A value, and the message that it is: Linux arch/x86/include/asm/sev-common.h, EDK2 ResetVector. */
const example = <N extends GhcbMsrName>(raw: bigint, name: N, values: GhcbMsrValues<N>) =>
  [raw, name, values, encodeGhcbMsr(name, values)] as const;

const { snp, apCreation } = HYPERVISOR_FEATURES;

describe('messages of the GHCB MSR', () => {
  it.each([
    example(0x0002_0001_3300_0001n, 'sevInfo', { maxVersion: 2, minVersion: 1, cBit: 51 }),
    example(0x0002_0001_2f00_0001n, 'sevInfo', { maxVersion: 2, minVersion: 1, cBit: 47 }),
    example(0x2n, 'sevInfoRequest', {}),
    example(0x8000_001f_4000_0004n, 'cpuidRequest', { function: 0x8000_001f, register: 1 }),
    example(0x0000_41b3_4000_0005n, 'cpuidResponse', { value: 0x41b3, register: 1 }),
    example(0x7fe0_1000n, 'gpa', { gfn: 0x7fe01 }),
    example(0x7fe0_1012n, 'registerRequest', { gfn: 0x7fe01 }),
    example(0xffff_ffff_ffff_f013n, 'registerResponse', { gfn: NO_GFN }),
    example(0x0010_0000_1234_5014n, 'pscRequest', { operation: 1, gfn: 0x12345 }),
    example(0x0020_0000_1234_5014n, 'pscRequest', { operation: 2, gfn: 0x12345 }),
    example(0x15n, 'pscResponse', { error: 0 }),
    example(0x16n, 'runVmplRequest', { vmpl: 0 }),
    example(0x3081n, 'featuresResponse', { features: 2 ** snp.bit + 2 ** apCreation.bit }),
    example(0x2_1100n, 'terminate', { set: 1, reason: 2 }),
  ])('%s', (raw, name, values, encoded) => {
    expect(encoded).toBe(raw);
    expect(decodeGhcbMsr(raw)).toEqual({ name, values, reserved: 0n });
  });

  it('have codes and fields of their own', () => {
    const all = Object.values(GHCB_MSR);
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
    for (const { title, fields } of all) {
      const bits = Object.values(fields).flatMap(({ hi, lo }) =>
        Array.from({ length: hi - lo + 1 }, (_, i) => lo + i),
      );
      expect([title, new Set(bits).size, bits.every((bit) => bit >= 12)]).toEqual([title, bits.length, true]);
    }
  });

  it('name what is reserved, and what nobody defines', () => {
    expect(decodeGhcbMsr(0x0001_0000_0000_0002n)).toMatchObject({ reserved: 0x0001_0000_0000_0000n });
    expect(decodeGhcbMsr(0xff10_0000_1234_5014n)).toMatchObject({ reserved: 0xff00_0000_0000_0000n });
    expect(decodeGhcbMsr(0xabc_def0_0f00n)).toEqual({ name: null, code: 0xf00, data: 0xabcd_ef00n });
  });

  it('are read and written alike', () => {
    const codes = fc.constantFrom(...Object.values(GHCB_MSR).map(({ code }) => BigInt(code)));
    const data = fc.bigInt(0n, 2n ** 52n - 1n);
    fc.assert(
      fc.property(codes, data, (code, bits) => {
        const raw = (bits << 12n) | code;
        const message = decodeGhcbMsr(raw);
        if (message.name === null) throw new Error('a code of the table');
        expect(encodeGhcbMsr(message.name, message.values) | message.reserved).toBe(raw);
      }),
    );
  });
});
