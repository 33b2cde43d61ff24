import { BookOpen, FlaskConical } from 'lucide-react';
import type { Rule } from '../../engine/core/fault';
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

/** A rule in its own words, with the place where it is written down. */
export function RuleNote({ rule, quiet = false }: { readonly rule: Rule; readonly quiet?: boolean }) {
  return (
    <div className="rule-note" data-rule={rule.id}>
      {!quiet && <p>{rule.says}</p>}
      <p className="rule-source">
        <BookOpen size={14} aria-hidden="true" />
        <cite>{rule.source}</cite>
        {rule.standing === 'modelled' && <ModelledBadge />}
      </p>
    </div>
  );
}
