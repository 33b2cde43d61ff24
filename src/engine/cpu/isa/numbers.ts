/** A number as a program shows it: below ten in decimal, else in hexadecimal, with its sign. */
export const decimalOrHex = (value: bigint): string => {
  const size = value < 0n ? -value : value;
  const digits = size < 10n ? `${size}` : `0x${size.toString(16)}`;
  return value < 0n ? `-${digits}` : digits;
};
