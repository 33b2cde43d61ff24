import { useEffect, useRef } from 'react';

interface Props {
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  /** What the picture shows, for those who cannot see it. */
  readonly label: string;
}

/** Pixels as they lie in memory, enlarged without smoothing. */
export function PixelCanvas({ pixels, width, height, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [pixels, width, height]);
  return (
    <canvas ref={canvas} className="pixels" width={width} height={height} role="img" aria-label={label} />
  );
}
