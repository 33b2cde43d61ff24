/** A port access as EXITINFO1 of an IOIO exit describes it. */
export interface IoAccess {
  readonly port: number;
  /** True for IN and INS. */
  readonly input: boolean;
  readonly string: boolean;
  readonly rep: boolean;
  /** Bytes of one access: 1, 2 or 4; anything else is no access that an instruction can make. */
  readonly bytes: number;
  /** Address size of a string access in bits: 16, 32 or 64; 0 where none is given. */
  readonly addressBits: number;
  /** Segment register of a string access: 0 ES, 3 DS. */
  readonly segment: number;
}

/**
 * Bits of EXITINFO1 for IOIO (APM vol. 2 §15.10.2; Linux arch/x86/coco/sev/vc-shared.c; EDK2 Register/Amd/Ghcb.h). The three
 * bits of a size are the size in bytes, and in 16-bit units for addresses.
 */
export const IOIO_BITS = {
  input: { lsb: 0, width: 1 },
  string: { lsb: 2, width: 1 },
  rep: { lsb: 3, width: 1 },
  bytes: { lsb: 4, width: 3 },
  addressBits: { lsb: 7, width: 3 },
  segment: { lsb: 10, width: 3 },
  port: { lsb: 16, width: 16 },
} as const;

const ADDRESS_UNIT = 16;

export function decodeIoio(info1: bigint): IoAccess {
  const bits = (name: keyof typeof IOIO_BITS): number => {
    const { lsb, width } = IOIO_BITS[name];
    return Number(BigInt.asUintN(width, info1 >> BigInt(lsb)));
  };
  return {
    port: bits('port'),
    input: bits('input') === 1,
    string: bits('string') === 1,
    rep: bits('rep') === 1,
    bytes: bits('bytes'),
    addressBits: bits('addressBits') * ADDRESS_UNIT,
    segment: bits('segment'),
  };
}

export function encodeIoio(access: IoAccess): bigint {
  const values = {
    ...access,
    input: Number(access.input),
    string: Number(access.string),
    rep: Number(access.rep),
    addressBits: access.addressBits / ADDRESS_UNIT,
  };
  let info1 = 0n;
  for (const [name, { lsb, width }] of Object.entries(IOIO_BITS))
    info1 |= BigInt.asUintN(width, BigInt(values[name as keyof typeof IOIO_BITS])) << BigInt(lsb);
  return info1;
}
