import { useEffect, useState } from 'react';

/** How many of a long list to draw: some more each frame, so that no single one takes the window for long. */
export function useGrowing(total: number, aFrame: number): number {
  const [drawn, setDrawn] = useState(aFrame);
  useEffect(() => {
    if (drawn >= total) return;
    const frame = requestAnimationFrame(() => setDrawn(drawn + aFrame));
    return () => cancelAnimationFrame(frame);
  }, [drawn, total, aFrame]);
  return Math.min(drawn, total);
}
