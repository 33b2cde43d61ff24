import { type CSSProperties, useCallback, useLayoutEffect, useRef, useState } from 'react';

const GAP = 6;
const MARGIN = 8;

/** Places a popover (top layer, so no panel clips it) below its anchor, above it where there is no room below. */
function place(anchor: DOMRect, width: number, height: number): CSSProperties {
  const left = Math.max(MARGIN, Math.min(anchor.left, innerWidth - width - MARGIN));
  const below = anchor.bottom + GAP;
  const top = below + height + MARGIN <= innerHeight ? below : Math.max(MARGIN, anchor.top - GAP - height);
  return { left, top };
}

/** A small bubble that belongs to an anchor: shown on hover and focus, dismissed with Escape, and hoverable itself. */
export function useBubble<Anchor extends HTMLElement>() {
  const anchor = useRef<Anchor>(null);
  const bubble = useRef<HTMLSpanElement>(null);
  const timer = useRef<number>(undefined);
  const [open, setOpen] = useState(false);
  const [style, setStyle] = useState<CSSProperties>({});

  const show = useCallback(() => {
    clearTimeout(timer.current);
    setOpen(true);
  }, []);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setOpen(false), 120);
  }, []);

  useLayoutEffect(() => {
    const element = bubble.current;
    if (!open || !element || !anchor.current) return;
    element.showPopover();
    const { width, height } = element.getBoundingClientRect();
    setStyle(place(anchor.current.getBoundingClientRect(), width, height));
    const dismiss = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
    };
    const close = () => setOpen(false);
    addEventListener('keydown', dismiss, true);
    addEventListener('scroll', close, true);
    return () => {
      removeEventListener('keydown', dismiss, true);
      removeEventListener('scroll', close, true);
    };
  }, [open]);

  return {
    open,
    anchorProps: { ref: anchor, onPointerEnter: show, onPointerLeave: hide, onFocus: show, onBlur: hide },
    bubbleProps: {
      ref: bubble,
      popover: 'manual',
      style,
      onPointerEnter: show,
      onPointerLeave: hide,
    } as const,
  };
}
