import { useCallback, useMemo } from 'react';

/** Several scrolling boxes that stay at the same place: scroll one and the others follow. */
export interface ScrollSync {
  /** Registers a box; give the result back to let it go. */
  join(box: HTMLElement): () => void;
}

export function useScrollSync(): ScrollSync {
  return useMemo(() => {
    const boxes = new Set<HTMLElement>();
    let top = 0;
    const follow = (event: Event): void => {
      const box = event.currentTarget as HTMLElement;
      if (box.scrollTop === top) return;
      top = box.scrollTop;
      for (const other of boxes) if (other !== box) other.scrollTop = top;
    };
    return {
      join(box) {
        boxes.add(box);
        box.scrollTop = top;
        box.addEventListener('scroll', follow, { passive: true });
        return () => {
          boxes.delete(box);
          box.removeEventListener('scroll', follow);
        };
      },
    };
  }, []);
}

/** A ref that joins the box while it is on screen. */
export function useSyncedBox(
  sync: ScrollSync,
  box: React.RefObject<HTMLElement | null>,
): (element: HTMLElement | null) => (() => void) | undefined {
  return useCallback(
    (element) => {
      box.current = element;
      return element ? sync.join(element) : undefined;
    },
    [sync, box],
  );
}
