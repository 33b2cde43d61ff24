import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeIoio, encodeIoio } from './ioio';

describe('EXITINFO1 of a port access', () => {
  // OUT DX, AL to the first serial port, and REP INSW from a disk, as Linux vc_ioio_exitinfo puts them together.
  it.each([
    [
      0x03f8_0210n,
      { port: 0x3f8, input: false, string: false, rep: false, bytes: 1, addressBits: 64, segment: 0 },
    ],
    [
      0x01f0_022dn,
      { port: 0x1f0, input: true, string: true, rep: true, bytes: 2, addressBits: 64, segment: 0 },
    ],
    [
      0x0cf8_0e44n,
      { port: 0xcf8, input: false, string: true, rep: false, bytes: 4, addressBits: 64, segment: 3 },
    ],
  ])('%s', (info1, access) => {
    expect(decodeIoio(info1)).toEqual(access);
    expect(encodeIoio(access)).toBe(info1);
  });

  it('is read and written alike', () => {
    const bits = 0xffff_1ffdn;
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (raw) => {
        expect(encodeIoio(decodeIoio(raw))).toBe(raw & bits);
      }),
    );
  });
});
