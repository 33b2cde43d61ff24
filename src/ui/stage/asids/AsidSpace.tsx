import { type MouseEvent, useLayoutEffect, useRef, useState } from 'react';
import type { AsidView, GuestSummary } from '../../../worker/protocol';
import { hueVar, ownerHue } from '../../kit/owners';
import { written } from '../shared/names';
import { type AsidKind, asidSegments, kindOfAsid, SVM_ASIDS, seatGrid } from './space';

export const KIND_WORDS: Readonly<Record<AsidKind, string>> = {
  host: 'the hypervisor: its key is the SME key',
  'es-only': 'for SEV-ES and SNP guests only; the allocator proposed for Xen keeps 1 back',
  sev: 'for SEV guests without SEV-ES',
  'no-key': 'no key: only for guests that are not encrypted',
};

interface Props {
  readonly asids: AsidView;
  readonly guests: readonly GuestSummary[];
}

/** Every keyed ASID as a seat: who may sit there, and who does. One path a kind, not an element a seat. */
export function AsidSpace({ asids, guests }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const [pointed, setPointed] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const { ecx, edx } = asids;
  const holders = asids.holders.filter(({ asid }) => asid <= ecx);
  const count = ecx + 1;
  const { columns, size } = seatGrid(count, width, 8, 44);
  const rows = Math.ceil(count / columns);
  const seat = size - 2;
  const place = (asid: number): readonly [number, number] => [
    (asid % columns) * size + 1,
    Math.floor(asid / columns) * size + 1,
  ];
  const path = (first: number, last: number): string =>
    Array.from({ length: last - first + 1 }, (_, i) => {
      const [x, y] = place(first + i);
      return `M${x} ${y}h${seat}v${seat}h-${seat}z`;
    }).join('');
  const keyed = asidSegments(ecx, edx).filter(({ kind }) => kind !== 'no-key');

  const onMouseMove = (event: MouseEvent<SVGSVGElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const asid =
      Math.floor((event.clientY - top) / size) * columns + Math.floor((event.clientX - left) / size);
    setPointed(asid >= 0 && asid <= ecx ? asid : null);
  };
  const holder = holders.find(({ asid }) => asid === pointed);

  return (
    <div ref={box} className="asid-space">
      <svg
        width={columns * size}
        height={rows * size}
        role="img"
        aria-label={`${count} keyed ASIDs, ${holders.length} of them held`}
        onMouseMove={onMouseMove}
        onMouseLeave={() => setPointed(null)}
      >
        <defs>
          <pattern
            id="asid-hatch"
            width="4"
            height="4"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect className="asid-hatch" width="1.5" height="4" />
          </pattern>
        </defs>
        {keyed.map(({ kind, first, last }) => (
          <g key={kind} data-kind={kind}>
            <path className="asid-seats" d={path(first, last)} />
            {kind === 'es-only' && <path d={path(first, last)} fill="url(#asid-hatch)" />}
          </g>
        ))}
        {holders.map(({ asid, guest }) => {
          const [x, y] = place(asid);
          return (
            <g key={asid} style={{ color: hueVar(ownerHue(guest, guests)) }} className="asid-held">
              <rect x={x - 1} y={y - 1} width={size} height={size} rx={2} />
              {size > 20 && (
                <text x={x + seat / 2} y={y + seat / 2}>
                  {asid}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <div className="asid-rest" aria-hidden="true">
        <span style={{ flexGrow: count }} />
        <span style={{ flexGrow: SVM_ASIDS - count }} />
      </div>
      <p className="faint">
        Of the {SVM_ASIDS.toLocaleString('en')} ASIDs of SVM, {count} have a key of their own (
        {((100 * count) / SVM_ASIDS).toFixed(1)} %).
      </p>
      <p className="asid-pointed" aria-live="polite">
        {pointed === null
          ? 'Point at a seat.'
          : `ASID ${pointed}: ${KIND_WORDS[kindOfAsid(pointed, ecx, edx)]}${holder ? `; held by ${written(holder.guest)}` : ''}.`}
      </p>
    </div>
  );
}
