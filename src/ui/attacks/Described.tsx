import { useEffect, useRef } from 'react';
import { DESCRIBED } from '../../scenario/attacks/described';

interface Props {
  /** The one to show. */
  readonly open: string;
  /** Whether what stands above has its height. */
  readonly settled: boolean;
}

/** The attacks that are told and not run, with the reason. */
export function Described({ open, settled }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (open && settled)
      list.current?.querySelector(`[data-id="${CSS.escape(open)}"]`)?.scrollIntoView({ block: 'center' });
  }, [open, settled]);
  return (
    <section className="attacks-described" aria-labelledby="attacks-described">
      <h3 id="attacks-described">Told, not run</h3>
      <ul ref={list}>
        {DESCRIBED.map(({ id, name, year, paper, cve, bulletins, says, why }) => (
          <li key={id} data-id={id} aria-current={id === open || undefined}>
            <h4>
              {name} <span>{year}</span>
            </h4>
            <p>{says}</p>
            <p className="attacks-why">
              <strong>Why it is not run.</strong> {why}
            </p>
            <p className="attacks-source">{[paper, ...cve, ...bulletins].join(' · ')}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
