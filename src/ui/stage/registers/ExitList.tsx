import { Eye, LockKeyhole, type LucideIcon, MessageSquare, OctagonX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { move } from '../../../store/session';
import type { ExitLog, ExitRecord, ExitWay } from '../../../worker/protocol';
import { WAY_WORDS } from './exits';

const ICONS: Readonly<Record<ExitWay, LucideIcon>> = {
  plain: Eye,
  automatic: LockKeyhole,
  vc: LockKeyhole,
  message: MessageSquare,
};

interface Props {
  readonly log: ExitLog;
  readonly guest: string;
  readonly current: ExitRecord | null;
  readonly cursor: number;
}

/** Every exit in the record, the newest first; one leads to the moment right after it. */
export function ExitList({ log, guest, current, cursor }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const id = current?.id ?? null;
  useEffect(() => {
    const item = id === null ? null : list.current?.querySelector<HTMLElement>('[aria-current]');
    const box = list.current;
    // Not `scrollIntoView`: that would move the page as well.
    if (item && box) box.scrollTop = item.offsetTop - box.offsetTop - box.clientHeight / 2;
  }, [id]);
  return (
    <>
      <ol className="exit-list scrolls" ref={list} aria-label={`Exits of ${guest}, the newest first`}>
        {log.records.toReversed().map((record) => (
          <Exit key={record.id} record={record} current={record.id === id} later={record.start >= cursor} />
        ))}
      </ol>
      {log.shortened && <p className="faint">Only the newest {log.records.length} exits.</p>}
    </>
  );
}

interface ExitProps {
  readonly record: ExitRecord;
  readonly current: boolean;
  readonly later: boolean;
}

function Exit({ record, current, later }: ExitProps) {
  const { name, way, end, refused } = record;
  const Icon = ICONS[way];
  return (
    <li>
      <button
        type="button"
        className="exit-go"
        data-later={later}
        aria-current={current ? 'true' : undefined}
        onClick={() => void move({ to: 'change', change: end })}
      >
        <Icon size={13} aria-hidden="true" />
        <span className="mono">{name}</span>
        <span className="faint">{WAY_WORDS[way]}</span>
        {refused && <OctagonX size={13} aria-label="refused" className="exit-refused" />}
      </button>
    </li>
  );
}
