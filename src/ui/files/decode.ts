import type { Parcel } from '../../store/intake';

/** Longer sides are scaled down to this: large enough to recognise, small enough to write in a moment. */
export const LONGEST_SIDE = 512;

export function fitted(width: number, height: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A picture as the pixels that the guest will write. @throws if the browser cannot decode it. */
export async function decodePicture(file: File): Promise<Omit<Parcel, 'again'>> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = fitted(bitmap.width, bitmap.height);
  const note =
    width === bitmap.width
      ? null
      : `Scaled down from ${bitmap.width} × ${bitmap.height} to ${width} × ${height} pixels.`;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { name: file.name, bytes: new Uint8Array(data.buffer), picture: { width, height }, note };
}
