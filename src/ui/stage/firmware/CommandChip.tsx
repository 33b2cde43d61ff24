import { CircleSlash } from 'lucide-react';
import { perform } from '../../../store/session';
import type { CommandOffer } from '../../../worker/protocol';

/** Commands by name, with what each would answer now. */
export type Offers = ReadonlyMap<string, CommandOffer>;

interface Props {
  readonly name: string;
  readonly offers: Offers;
  /** Where it would lead: `to LSECRET`. */
  readonly way?: string;
}

/** A command to be sent. What would be refused is offered too: the firmware answers for itself. */
export function CommandChip({ name, offers, way }: Props) {
  const offer = offers.get(name);
  if (!offer) return <span className="command-chip command-chip-none mono">{name}</span>;
  const { status, check, purpose, action } = offer;
  const foretold = check
    ? `would be refused now: ${status}, check ${check.at} of ${check.of}`
    : 'would be carried out now';
  const send = action && (() => void perform(action));
  return (
    <button
      type="button"
      className="command-chip mono"
      data-refused={check !== null}
      title={`${purpose} ${foretold.charAt(0).toUpperCase()}${foretold.slice(1)}.`}
      aria-label={`${name}${way ? `, ${way}` : ''}: ${foretold}`}
      aria-disabled={send === null}
      onClick={send ?? undefined}
    >
      {check && <CircleSlash size={10} aria-hidden="true" />}
      {name}
    </button>
  );
}
