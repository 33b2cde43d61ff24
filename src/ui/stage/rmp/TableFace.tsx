import { useEffect, useRef } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import { selectPage } from '../../../store/view';
import type { GuestSummary, RmpRowView, RmpView } from '../../../worker/protocol';
import { RowsTable } from '../../kit/RowsTable';
import { useStatus } from '../../kit/stores';
import { Term } from '../../kit/Term';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { useRows } from '../../kit/useRows';
import { PageLink } from '../registers/PageLink';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import { EntryDetail } from './EntryDetail';
import { MemoryStrip } from './MemoryStrip';
import { Segments } from './Segments';
import { ownerOf, STATE_WORDS } from './words';

const NO_GUESTS: readonly GuestSummary[] = [];
const COLUMNS = ['Page', 'Entry at', '16 bytes', 'State', 'Owner', 'GPA'] as const;
/** Rows that are asked for at a time. */
const BATCH = 64;

interface Props {
  readonly view: RmpView;
  readonly pfn: number;
}

/** The table as it lies in memory, beside what it says of each page, and the selected entry bit by bit. */
export function TableFace({ view, pfn }: Props) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  return (
    <>
      <p className="rmp-place">
        <Term word="RMP" /> from <PageLink spa={view.base} name="RMP_BASE" /> to{' '}
        <PageLink spa={view.end} name="RMP_END" />: {view.pages.toLocaleString('en')} pages, 16 bytes each
        behind {view.bookkeeping / 1024} KiB of counters.
        {view.segmentBits === null ? ' One table for all memory.' : ' Cut into segments.'}
      </p>
      {view.segments.length > 0 && <Segments view={view} />}
      <div className="rmp-columns">
        <Rows view={view} pfn={pfn} guests={guests} />
        <EntryDetail pfn={pfn} guests={guests} />
      </div>
    </>
  );
}

interface RowsProps {
  readonly view: RmpView;
  readonly pfn: number;
  readonly guests: readonly GuestSummary[];
}

function Rows({ view, pfn, guests }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const range = useRows(box, view.pages, 1.75);
  const { rows, center } = range;
  useEffect(() => center(pfn), [pfn, center]);
  const first = Math.floor((rows[0] ?? 0) / BATCH) * BATCH;
  const answer = useEngineQuery(`rmp rows ${first}`, async (api) => ({
    first,
    rows: await api.rmpRows(first, 2 * BATCH),
  }));
  const known = (index: number): RmpRowView | undefined =>
    answer.value?.rows[index - (answer.value.first ?? 0)];
  return (
    <div className="rmp-beside">
      <MemoryStrip pages={view.pages} selected={pfn} seen={{ first: rows[0] ?? 0, count: rows.length }} />
      <RowsTable
        box={box}
        range={range}
        caption="All pages by their entries in the RMP"
        columns={COLUMNS}
        count={view.pages}
        className="rmp-rows"
        row={(index) => (
          <Row key={index} pfn={index} row={known(index)} selected={index === pfn} guests={guests} />
        )}
      />
    </div>
  );
}

interface RowProps {
  readonly pfn: number;
  /** Not known until the answer is there. */
  readonly row: RmpRowView | undefined;
  readonly selected: boolean;
  readonly guests: readonly GuestSummary[];
}

function Row({ pfn, row, selected, guests }: RowProps) {
  const owner = row ? ownerOf(row) : null;
  return (
    <tr
      aria-rowindex={pfn + 2}
      className="rows-item"
      data-selected={selected}
      style={hueStyle(owner, guests)}
    >
      <td>
        <button
          type="button"
          className="rows-pick mono"
          aria-pressed={selected}
          onClick={() => selectPage(pfn)}
        >
          {hex(pfn * PAGE_SIZE)}
        </button>
      </td>
      <td className="mono faint">{row && (row.at === null ? 'none' : hex(row.at))}</td>
      <td className="mono">{row && row.at !== null && grouped(row.bytes)}</td>
      <td title={row?.head === null ? STATE_WORDS[row.state] : undefined}>
        {row?.head === null && row.state}
        {row?.large && <span className="rmp-mark">2 MiB</span>}
        {row && row.head !== null && <span className="faint">part of {hex(row.head * PAGE_SIZE)}</span>}
        {row?.vmsa && row.asid !== 0 && <span className="rmp-mark">VMSA</span>}
      </td>
      <td>{owner && <OwnerName name={owner} guests={guests} />}</td>
      <td className="mono">{row && row.asid !== 0 && hex(row.gpa)}</td>
    </tr>
  );
}

/** Hexadecimal bytes, four at a time. */
const grouped = (bytes: string): string => bytes.match(/.{8}/g)?.join(' ') ?? '';
