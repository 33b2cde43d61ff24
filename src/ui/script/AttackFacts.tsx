import { useEffect, useId, useRef } from 'react';
import { ATTACK_CHECKS } from '../../scenario/checks';
import { comparable } from '../../store/engine';
import { openPlace } from '../../store/session';
import { openRoom } from '../../store/view';
import type { AttackView } from '../../worker/protocol';
import { OutcomeMark } from '../attacks/OutcomeMark';
import { POWER_WORDS, PROPERTY_WORDS } from '../attacks/words';
import { TECHNOLOGY_NAMES } from '../header/machine';
import { useEngine, useStatus } from '../kit/stores';
import './attack.css';

interface Props {
  readonly attack: AttackView;
  /** Told in full before the first step; a click away later. */
  readonly whole: boolean;
}

/** What the open attack says about itself: where it is published, who the attacker is, who is hurt. */
export function AttackFacts({ attack, whole }: Props) {
  const { paper, cve, bulletins, powers, hurts, violates } = attack;
  const technology = useStatus(({ config }) => config.technology);
  const id = useEngine(comparable);
  return (
    <>
      <Mitigations attack={attack} />
      <details className="attack-facts" open={whole}>
        <summary>Who, against whom, and where it is published</summary>
        <dl>
          <dt>The attacker</dt>
          <dd>{powers.map((power) => POWER_WORDS[power]).join('; ')}.</dd>
          <dt>Who is hurt</dt>
          <dd>{hurts}</dd>
          <dt>Breaks</dt>
          <dd>{violates.map((name) => PROPERTY_WORDS[name]).join(', ')}</dd>
          <dt>Paper</dt>
          <dd>{paper}</dd>
          {cve.length + bulletins.length > 0 && (
            <>
              <dt>Known as</dt>
              <dd>{[...cve, ...bulletins].join(', ')}</dd>
            </>
          )}
          <dt>Here</dt>
          <dd>
            {attack.tier === 1
              ? 'Runs on the simulated machine, byte by byte.'
              : 'Modelled as far as it is published (tier 2).'}
          </dd>
        </dl>
        <button type="button" className="button button-small" onClick={() => openRoom('attacks')}>
          Every attack on every technology
        </button>
        {id !== null && (
          <button type="button" className="button button-small" onClick={() => openRoom(`compare/${id}`)}>
            Technologies side by side
          </button>
        )}
      </details>
      {!attack.applicable && technology && (
        <p className="attack-absent">
          <OutcomeMark outcome="n/a" />
          <span>What is attacked does not exist with {TECHNOLOGY_NAMES[technology].title}.</span>
        </p>
      )}
    </>
  );
}

/** The switches of an attack; one at a time, or none. */
function Mitigations({ attack: { mitigations } }: { readonly attack: AttackView }) {
  const name = useId();
  const technology = useStatus(({ config }) => config.technology);
  if (mitigations.length === 0) return null;
  const on = mitigations.find((each) => each.on) ?? null;
  const choose = (mitigation: string | null) => void openPlace({ kind: 'mitigation', mitigation });
  return (
    <fieldset className="mitigations">
      <legend>Mitigation{technology === 'sev-snp' ? '' : <span> (each is tried on SEV-SNP)</span>}</legend>
      <label>
        <input type="radio" name={name} checked={on === null} onChange={() => choose(null)} />
        <span>None</span>
      </label>
      {mitigations.map(({ id, says }) => (
        <label key={id}>
          <input type="radio" name={name} checked={on?.id === id} onChange={() => choose(id)} />
          <span>
            <b>{id}</b> {says}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What an attack that was played to its end came to, and what stopped it. */
export function AttackOutcome({ attack: { outcome, applicable } }: { readonly attack: AttackView }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) element.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);
  if (!outcome || !applicable) return null;
  const { word, check, rule, says } = outcome;
  return (
    <div ref={element} className="attack-outcome" role="status">
      <p className="attack-word">
        <strong>It came to:</strong> <OutcomeMark outcome={word} />
      </p>
      {check && (
        <p>
          <code>{check}</code> {ATTACK_CHECKS[check].says}
        </p>
      )}
      {!check && rule && (
        <p>
          Refused by <code>{rule}</code>
        </p>
      )}
      <p className="attack-shown">{says}</p>
    </div>
  );
}
