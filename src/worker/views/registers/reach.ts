import { PAGE_SIZE } from '../../../engine/core/address';
import { bytesEqual } from '../../../engine/core/bytes';
import type { KeySelector } from '../../../engine/core/key';
import type { Platform } from '../../../engine/core/platform';
import { look } from '../../../engine/look';
import { peekBytes } from '../../../engine/memory/cache';

/** The unit of encryption: one whole block tells whether somebody has the key, eight bytes could agree by chance. */
const BLOCK = 16;

/** Every way in which Xen can map a page. */
const XEN_EYES = ['mapped', 0, 1] as const;

/** A page as the hardware that keeps something there reads it, and as Xen can read it. */
export interface SeenPage {
  readonly spa: number;
  readonly bytes: Uint8Array;
  /** Without the C-bit; null where Xen cannot read it at all. */
  readonly sealed: Uint8Array | null;
  /** Can Xen get at so many bytes from an offset on, whatever C-bit it maps the page with? */
  readonly open: (offset: number, size: number) => boolean;
}

/** @param key with which the hardware, or the page’s owner, reads it. */
export function seenPage(p: Platform, complex: number, spa: number, key: KeySelector): SeenPage {
  const bytes = peekBytes(p, complex, spa, PAGE_SIZE, key);
  const views = XEN_EYES.map((c) => {
    const seen = look(p, { eye: 'host', c }, spa, PAGE_SIZE);
    return seen.ok ? seen.bytes : null;
  });
  return {
    spa,
    bytes,
    sealed: views[1] ?? null,
    open: (offset, size) => {
      const first = offset - (offset % BLOCK);
      const end = Math.ceil((offset + size) / BLOCK) * BLOCK;
      const whole = bytes.subarray(first, end);
      return views.some((view) => view !== null && bytesEqual(view.subarray(first, end), whole));
    },
  };
}
