/** Colours as three numbers 0 … 255, as CSS, and packed as the bytes R G B A of an ImageData on a little-endian machine. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const parseColour = (css: string): Rgb => [
  Number.parseInt(css.slice(1, 3), 16),
  Number.parseInt(css.slice(3, 5), 16),
  Number.parseInt(css.slice(5, 7), 16),
];

export const packColour = ([red, green, blue]: Rgb): number =>
  ((0xff << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;

export const unpackColour = (packed: number): Rgb => [
  packed & 0xff,
  (packed >>> 8) & 0xff,
  (packed >>> 16) & 0xff,
];

export const cssColour = (packed: number): string =>
  `#${unpackColour(packed)
    .map((part) => part.toString(16).padStart(2, '0'))
    .join('')}`;

export const mix = (from: Rgb, to: Rgb, part: number): Rgb => [
  from[0] + (to[0] - from[0]) * part,
  from[1] + (to[1] - from[1]) * part,
  from[2] + (to[2] - from[2]) * part,
];

const linear = (part: number): number => {
  const c = part / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

/** Relative luminance (WCAG 2). */
const luminance = ([red, green, blue]: Rgb): number =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

export const contrast = (a: Rgb, b: Rgb): number => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

/** A colour of the given hue (turns) by HSL, for numbers beyond the chosen set. */
export function hueColour(turn: number, saturation: number, lightness: number): Rgb {
  const channel = (n: number): number => {
    const k = (n + turn * 12) % 12;
    return (
      255 *
      (lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1)))
    );
  };
  return [channel(0), channel(8), channel(4)];
}
