import { OctagonX } from 'lucide-react';
import type { Fault } from '../../engine/core/fault';
import { RuleNote } from './RuleNote';
import { valueText } from './values';
import './fault.css';

/** A refusal that teaches: what was refused, on which inputs, by which rule, and what would have had to be different. */
export function FaultCard({ fault, compact = false }: { readonly fault: Fault; readonly compact?: boolean }) {
  const inputs = Object.entries(fault.inputs).filter(([, value]) => value !== null);
  return (
    <section className="fault-card" aria-label={`${fault.name}: ${fault.message}`}>
      <h4>
        <OctagonX size={16} aria-hidden="true" />
        <code>{fault.name}</code>
        {fault.name !== 'refused' && <span>refused</span>}
      </h4>
      <p>{fault.message}</p>
      {!compact && inputs.length > 0 && (
        <dl className="fault-inputs">
          {inputs.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono">{valueText(name, value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <p className="fault-remedy">
        <strong>What would have to be different: </strong>
        {fault.remedy}
      </p>
      <RuleNote rule={fault.rule} quiet={compact} />
    </section>
  );
}
