import { useState } from 'react';
import { changedMask } from '../../kit/hexRows';
import { useStatus } from '../../kit/stores';

interface Held {
  readonly subject: string;
  readonly revision: number;
  readonly cursor: number;
  readonly bytes: Uint8Array;
  readonly changed: Uint8Array | null;
}

/**
 * Which bytes differ from those at the machine's last position; nothing while another page or eye is first looked at. The
 * marks stay until the machine moves on, however often it is asked at one position.
 */
export function useChanged(subject: string, revision: number, bytes: Uint8Array | null): Uint8Array | null {
  const cursor = useStatus((status) => status.cursor) ?? 0;
  const [held, setHeld] = useState<Held | null>(null);
  if (!bytes) return null;
  const same = held?.subject === subject ? held : null;
  if (same?.revision === revision) return same.changed;
  const fresh = changedMask(same?.bytes ?? null, bytes);
  const changed = fresh ?? (same?.cursor === cursor ? same.changed : null);
  setHeld({ subject, revision, cursor, bytes, changed });
  return changed;
}
