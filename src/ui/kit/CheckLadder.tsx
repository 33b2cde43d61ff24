import { Check, CircleSlash } from 'lucide-react';
import type { CheckView } from '../../worker/protocol';
import { RuleNote } from './RuleNote';
import './ladder.css';

/** The checks of one access in their order. The first that failed ends the ladder; what it says is written out. */
export function CheckLadder({
  checks,
  label,
}: {
  readonly checks: readonly CheckView[];
  readonly label: string;
}) {
  return (
    <ol className="ladder" aria-label={label}>
      {checks.map((check, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same check may come twice in one ladder
        <li key={`${index}-${check.title}`} data-passed={check.passed}>
          <span className="ladder-mark" aria-hidden="true">
            {check.passed ? <Check size={12} /> : <CircleSlash size={12} />}
          </span>
          <div>
            <p className="ladder-title">
              <span>{check.title}</span>
              <span className="visually-hidden">{check.passed ? ': passed.' : ': refused.'}</span>
              <span className="ladder-detail mono">{check.detail}</span>
            </p>
            {check.rule && <RuleNote rule={check.rule} quiet={check.passed} />}
          </div>
        </li>
      ))}
    </ol>
  );
}
