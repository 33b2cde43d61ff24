import { Check, CircleCheck, CircleSlash, Minus, OctagonX } from 'lucide-react';
import type { CommandRun } from '../../../worker/protocol';
import { RuleNote } from '../../kit/RuleNote';
import '../../kit/ladder.css';

/** What became of the last command, in one line that stays in sight. */
export function Answer({ last }: { readonly last: CommandRun | null }) {
  if (!last) return <p className="answer faint">The firmware has had no command yet.</p>;
  const refusal = last.rungs.find(({ reached }) => reached === 'refused');
  const refused = !last.running && last.status !== 'SUCCESS';
  return (
    <p className="answer" role="status" data-refused={refused}>
      {refused ? <OctagonX size={16} aria-hidden="true" /> : <CircleCheck size={16} aria-hidden="true" />}
      <strong className="mono">{last.name}</strong>
      {last.running ? (
        <span>is being carried out.</span>
      ) : (
        <span>
          <code>{last.status}</code>
          {refusal && ` · check ${last.rungs.indexOf(refusal) + 1} of ${last.rungs.length}: `}
          {refusal ? refusal.rule.says : ` · ${last.moves.map(moveText).join(', ') || last.meaning}`}
        </span>
      )}
    </p>
  );
}

export const moveText = ({ what, from, to }: CommandRun['moves'][number]): string =>
  `${what}: ${from} → ${to}`;

const REACHED = {
  passed: { word: 'passed', icon: Check },
  refused: { word: 'refused here', icon: CircleSlash },
  'not reached': { word: 'not reached', icon: Minus },
} as const;

/** The checks of a command in their order: those that passed, the one that refused with its source, those not reached. */
export function LastCommand({ last }: { readonly last: CommandRun }) {
  return (
    <>
      <p className="faint">
        {last.purpose}
        {last.value !== null && (
          <>
            {' '}
            It answered <code>{last.status}</code> (0x{last.value.toString(16).padStart(2, '0')}):{' '}
            {last.meaning}
          </>
        )}
      </p>
      {last.rungs.length === 0 ? (
        <p className="faint">It has no checks: the firmware carries it out in any state.</p>
      ) : (
        <ol className="ladder command-ladder" aria-label={`The checks of ${last.name}`}>
          {last.rungs.map(({ rule, status, reached }, index) => {
            const { word, icon: Icon } = REACHED[reached];
            return (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: the same check may come twice in one ladder
                key={`${index}-${rule.id}`}
                data-passed={reached === 'passed' ? 'true' : reached === 'refused' ? 'false' : 'none'}
              >
                <span className="ladder-mark" aria-hidden="true">
                  <Icon size={12} />
                </span>
                <div>
                  <p className="ladder-title">
                    <span>{rule.says}</span>
                    <span className="visually-hidden">: {word}.</span>
                    <span className="ladder-detail mono">{status}</span>
                  </p>
                  {reached === 'refused' && <RuleNote rule={rule} quiet />}
                </div>
              </li>
            );
          })}
        </ol>
      )}
    </>
  );
}
