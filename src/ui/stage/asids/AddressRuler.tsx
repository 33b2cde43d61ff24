import { Lock } from 'lucide-react';
import type { AsidView } from '../../../worker/protocol';

interface Span {
  readonly kind: 'gone' | 'c' | 'reduced' | 'address' | 'offset';
  readonly high: number;
  readonly low: number;
  readonly says: string;
}

/** The 64 bits of an address as this CPU uses them: what is left of the physical width, what encryption took, and C. */
export function rulerSpans(asids: Pick<AsidView, 'cBit' | 'reduction' | 'physicalBits'>): Span[] {
  const { cBit, reduction, physicalBits } = asids;
  const left = physicalBits - reduction;
  const spans: Span[] = [];
  const add = (kind: Span['kind'], high: number, low: number, says: string): void => {
    if (high >= low) spans.push({ kind, high, low, says });
  };
  const c = (): void => add('c', cBit, cBit, 'C-bit: encrypt');
  if (cBit >= physicalBits) {
    add('gone', 63, cBit + 1, 'not an address');
    c();
    add('gone', cBit - 1, physicalBits, 'not an address');
    add('reduced', physicalBits - 1, left, 'reserved: taken by encryption');
  } else {
    add('gone', 63, physicalBits, 'not an address');
    add('reduced', physicalBits - 1, cBit + 1, 'reserved: taken by encryption');
    c();
    add('reduced', cBit - 1, left, 'reserved: taken by encryption');
  }
  add('address', left - 1, 12, 'page frame');
  add('offset', 11, 0, 'offset in the page');
  return spans;
}

/** A ruler of 64 bits with the C-bit at its real place. */
export function AddressRuler({ asids }: { readonly asids: AsidView }) {
  return (
    <ol className="ruler" aria-label="The 64 bits of a host physical address">
      {rulerSpans(asids).map((span) => (
        <li key={span.high} data-kind={span.kind} style={{ flexGrow: span.high - span.low + 1 }}>
          <span className="ruler-bits mono">
            {span.high === span.low ? span.high : `${span.high}:${span.low}`}
          </span>
          <span className="ruler-says">
            {span.kind === 'c' && <Lock size={12} aria-hidden="true" />} {span.says}
          </span>
        </li>
      ))}
    </ol>
  );
}
