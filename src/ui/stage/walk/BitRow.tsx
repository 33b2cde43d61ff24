import { Lock, LockOpen } from 'lucide-react';
import { bitRuns } from '../shared/entry';

const NAMES = { nx: 'NX', c: 'C', address: 'address', flag: 'flags', other: '' } as const;

/** The 64 bits of an entry with the C-bit marked where this machine really has it. */
export function BitRow({ raw, cBit }: { readonly raw: string; readonly cBit: number }) {
  return (
    <p className="bits mono" role="img" aria-label={`64 bits, ${raw}`}>
      {bitRuns(BigInt(raw), cBit).map((run) => (
        <span key={run.high} data-kind={run.kind} data-set={run.kind === 'c' && run.digits === '1'}>
          <span className="bits-name">
            {run.kind === 'c' ? (
              run.digits === '1' ? (
                <Lock size={10} />
              ) : (
                <LockOpen size={10} />
              )
            ) : (
              NAMES[run.kind]
            )}
          </span>
          <span className="bits-digits">{run.digits}</span>
          <span className="bits-scale">{run.high === run.low ? run.high : `${run.high}:${run.low}`}</span>
        </span>
      ))}
    </p>
  );
}
