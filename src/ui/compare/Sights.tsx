import { capital } from '../../engine/core/words';
import type { Sight, Watched } from '../../lab/watch';
import { byteChar, byteHex } from '../kit/hexRows';
import { placeWords } from './words';

interface Props {
  /** The machine’s. */
  readonly name: string;
  readonly watched: Watched;
  /** A 1 for each byte that the guest reads otherwise elsewhere; null: none. */
  readonly differs: Uint8Array | null;
}

/** The bytes at the watched place, as its guest, Xen and the DRAM have them. */
export function Sights({ name, watched, differs }: Props) {
  const { guest, address, seenByGuest, seenByXen, onDram } = watched;
  return (
    <section className="compare-sights" aria-label={`Bytes: ${name}`}>
      <h4>At {placeWords(guest, address)}</h4>
      {guest && seenByGuest && <Eye title={`${capital(guest)} sees`} sight={seenByGuest} differs={differs} />}
      {seenByXen && <Eye title="Xen sees" sight={seenByXen} differs={null} />}
      {onDram && <Eye title="The DRAM holds" sight={onDram} differs={null} />}
    </section>
  );
}

const COLUMNS = 8;

interface EyeProps {
  readonly title: string;
  readonly sight: Sight;
  readonly differs: Uint8Array | null;
}

function Eye({ title, sight, differs }: EyeProps) {
  if (!sight.ok)
    return (
      <div className="compare-eye">
        <h5>{title}</h5>
        <p className="compare-fault" title={sight.message}>
          ✕ {sight.fault} <code>{sight.rule}</code>
        </p>
      </div>
    );
  const starts = Array.from({ length: Math.ceil(sight.bytes.length / COLUMNS) }, (_, row) => row * COLUMNS);
  return (
    <div className="compare-eye">
      <h5>
        {title}
        {differs && <b> ≠ elsewhere</b>}
      </h5>
      <table className="mono" aria-label={title}>
        <tbody>
          {starts.map((start) => (
            <tr key={start}>
              <td>{cells(sight.bytes, start, differs, byteHex, ' ')}</td>
              <td>{cells(sight.bytes, start, differs, byteChar, '')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One row; neighbours that differ stand in one mark. */
function cells(
  bytes: Uint8Array,
  start: number,
  differs: Uint8Array | null,
  of: (byte: number) => string,
  gap: string,
) {
  const runs: { from: number; differs: boolean; texts: string[] }[] = [];
  for (let at = start; at < Math.min(start + COLUMNS, bytes.length); at++) {
    const other = differs?.[at] === 1;
    const last = runs.at(-1);
    if (last && last.differs === other) last.texts.push(of(bytes[at] ?? 0));
    else runs.push({ from: at, differs: other, texts: [of(bytes[at] ?? 0)] });
  }
  return runs.map((run, index) => {
    const text = `${index > 0 ? gap : ''}${run.texts.join(gap)}`;
    return run.differs ? <mark key={run.from}>{text}</mark> : <span key={run.from}>{text}</span>;
  });
}
