import { describe, expect, it } from 'vitest';
import { PICTURE_NAMES, picture } from './pictures';

describe.each(PICTURE_NAMES)('the %s', (name) => {
  const { width, height, bytes } = picture(name);

  it('is 4 opaque bytes a pixel, the same every time', () => {
    expect(bytes.length).toBe(width * height * 4);
    expect(bytes.every((byte, i) => i % 4 !== 3 || byte === 255)).toBe(true);
    expect(picture(name).bytes).toEqual(bytes);
  });

  it('has flat areas, which show without a tweak, and shaded ones', () => {
    const blocks = Array.from({ length: bytes.length / 16 }, (_, i) =>
      bytes.subarray(16 * i, 16 * i + 16).join(),
    );
    expect(new Set(blocks).size).toBeLessThan(blocks.length / 20);
    expect(new Set(blocks).size).toBeGreaterThan(10);
  });
});
