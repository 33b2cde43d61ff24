import { BookOpen, FlaskConical } from 'lucide-react';
import type { Rule } from '../../engine/core/fault';
import { openSources } from '../../store/overlay';
import './rule.css';

/** What the industry does not publish and the simulator chose says so wherever it is shown. */
export function ModelledBadge() {
  return (
    <span className="modelled" title="The industry does not publish this; the simulator chose it.">
      <FlaskConical size={12} aria-hidden="true" />
      modelled
    </span>
  );
}

interface Props {
  readonly rule: Rule;
  readonly quiet?: boolean;
  /** False where it stands on the page of sources itself. */
  readonly linked?: boolean;
}

/** A rule in its own words, with the place where it is written down, which leads to its entry among the sources. */
export function RuleNote({ rule, quiet = false, linked = true }: Props) {
  return (
    <div className="rule-note" data-rule={rule.id}>
      {!quiet && <p>{rule.says}</p>}
      <p className="rule-source">
        <BookOpen size={14} aria-hidden="true" />
        {linked ? (
          <button
            type="button"
            className="button button-link rule-link"
            title="This rule among the sources"
            onClick={() => openSources(rule)}
          >
            <cite>{rule.source}</cite>
          </button>
        ) : (
          <cite>{rule.source}</cite>
        )}
        {rule.standing === 'modelled' && <ModelledBadge />}
      </p>
    </div>
  );
}
