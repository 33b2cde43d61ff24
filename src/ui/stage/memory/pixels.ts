/** Bytes of a picture's memory as pixels: red, green, blue, alpha; what is missing stays transparent. */
export function pixelsOf(
  bytes: Uint8Array,
  width: number,
  height: number,
  opaque: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(width * height * 4);
  pixels.set(bytes.subarray(0, pixels.length));
  // Ciphertext in the alpha channel would make the noise half invisible, so a foreign eye's picture is drawn opaque.
  if (opaque) for (let i = 3; i < Math.min(pixels.length, bytes.length); i += 4) pixels[i] = 255;
  return pixels;
}

/** A picture for bytes that are none: one grey pixel a byte, 64 to a row. */
export const GREY_WIDTH = 64;

export function greyPixels(bytes: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(bytes.length * 4);
  bytes.forEach((byte, i) => {
    pixels[4 * i] = byte;
    pixels[4 * i + 1] = byte;
    pixels[4 * i + 2] = byte;
    pixels[4 * i + 3] = 255;
  });
  return pixels;
}
