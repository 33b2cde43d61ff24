import { useState } from 'react';
import { changedMask } from '../../kit/hexRows';

interface Held {
  readonly subject: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly changed: Uint8Array | null;
}

/** Which bytes differ from those at the machine's last position; nothing while another page or eye is first looked at. */
export function useChanged(subject: string, revision: number, bytes: Uint8Array | null): Uint8Array | null {
  const [held, setHeld] = useState<Held | null>(null);
  if (!bytes) return null;
  if (held?.subject === subject && held.revision === revision) return held.changed;
  const before = held?.subject === subject ? held.bytes : null;
  const next = { subject, revision, bytes, changed: changedMask(before, bytes) };
  setHeld(next);
  return next.changed;
}
