import { describe, expect, it } from 'vitest';
import { Player } from '../history/player';
import { loadScenario } from './library';
import { machineOf } from './machine';
import { FRAMED_LENGTH, framed, inPlaceOf, type Pixels, usesPicture } from './ownPicture';

function pixels(width: number, height: number, at: (x: number, y: number) => readonly number[]): Pixels {
  const bytes = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) bytes.set(at(x, y), (y * width + x) * 4);
  return { width, height, bytes };
}

let noise = 1;
const dice = (): number => {
  noise = (noise * 48271) % 2147483647;
  return noise & 255;
};

const PICTURES: Record<string, Pixels> = {
  white: pixels(64, 64, () => [255, 255, 255, 255]),
  black: pixels(512, 300, () => [0, 0, 0, 255]),
  transparent: pixels(1, 1, () => [0, 0, 0, 0]),
  noise: pixels(200, 512, () => [dice(), dice(), dice(), 255]),
  gradient: pixels(333, 111, (x, y) => [x & 255, y * 2, (x + y) & 255, 200]),
};

const blocks = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length / 16 }, (_, i) => bytes.subarray(16 * i, 16 * i + 16).join());

describe.each(Object.entries(PICTURES))('a %s picture', (_, picture) => {
  const bytes = framed(picture);

  it('becomes opaque pixels of the usual size, with blocks that repeat', () => {
    expect(bytes).toHaveLength(FRAMED_LENGTH);
    expect(bytes.every((byte, i) => i % 4 !== 3 || byte === 255)).toBe(true);
    expect(new Set(blocks(bytes)).size).toBeLessThan(blocks(bytes).length);
    expect(framed(picture)).toEqual(bytes);
  });

  it('shares no block of its mat with its mirror image', () => {
    const [own, other] = [inPlaceOf('padlock', bytes), inPlaceOf('key', bytes)];
    expect(own).toEqual(bytes);
    expect(other).not.toEqual(bytes);
    expect(blocks(other)).not.toContain(blocks(own)[0]);
  });

  it.each(['cold-boot', 'without-a-tweak', 'with-a-tweak'])(
    'is as good as the usual one in %s',
    async (id) => {
      const scenario = await loadScenario(id);
      if (!scenario) throw new Error(id);
      expect(usesPicture(scenario)).toBe(true);
      const player = Player.start(machineOf(scenario), scenario, { picture: { name: 'mine.png', bytes } });
      const wrong = scenario.steps.flatMap((_, n) =>
        player.next().ok ? player.failures(n + 1) : ['not taken'],
      );
      expect(wrong).toEqual([]);
      expect([...player.session.blobs.values()]).toContainEqual(bytes);
    },
  );
});

it('is drawn in the middle, as large as it fits, over paper', () => {
  const bytes = framed(pixels(2, 1, (x) => (x === 0 ? [255, 0, 0, 255] : [0, 0, 255, 128])));
  const at = (x: number, y: number): number[] => [
    ...bytes.subarray((y * 128 + x) * 4, (y * 128 + x) * 4 + 4),
  ];
  expect(at(20, 64)).toEqual([255, 0, 0, 255]);
  expect(at(110, 64)).toEqual([125, 125, 251, 255]);
  expect(at(64, 20)).toEqual([252, 251, 248, 255]);
  expect(at(9, 64)).toEqual([32, 36, 44, 255]);
});

it('a script without pictures takes none', async () => {
  const scenario = await loadScenario('three-eyes');
  expect(scenario && usesPicture(scenario)).toBe(false);
});
