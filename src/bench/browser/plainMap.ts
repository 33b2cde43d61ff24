import { median, time } from '../stats';

const SIDE = 1024;
const FRAMES = 60;

/** The least that a map of a million pages could be: one picture of them, drawn larger and smaller. Milliseconds of script a frame. */
export async function measurePlainMap(canvas: HTMLCanvasElement, changes: number): Promise<number> {
  const context = canvas.getContext('2d', { alpha: false });
  const backing = new OffscreenCanvas(SIDE, SIDE);
  const picture = backing.getContext('2d', { alpha: false });
  if (!context || !picture) throw new Error('this browser gives no 2D canvas');
  const image = picture.createImageData(SIDE, SIDE);
  const words = new Uint32Array(image.data.buffer).fill(0xff336699);
  picture.putImageData(image, 0, 0);
  const script: number[] = [];
  for (let n = 0; n < FRAMES; n++) {
    script.push(
      time(() => {
        for (let i = 0; i < changes; i++) words[(i * 7919 + n) % words.length] = 0xff000000 | (n * 4099);
        if (changes > 0) picture.putImageData(image, 0, 0);
        const side = SIDE * (1 + n / FRAMES);
        context.drawImage(backing, -n, -n, side, side);
      }),
    );
    await new Promise(requestAnimationFrame);
  }
  return median(script);
}
