import { perform } from '../../../store/session';
import type { GuestSummary, ProgramView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { Segmented } from '../../kit/Segmented';
import { useEngine } from '../../kit/stores';
import { OwnerName } from '../shared/OwnerName';
import { Lies } from './Lies';

interface Props {
  readonly program: ProgramView;
  readonly guests: readonly GuestSummary[];
}

const CHECKS = [
  { value: 'careful', title: 'checks answers' },
  { value: 'trusting', title: 'trusts them' },
] as const;

const SHARES = [
  { value: 'needed', title: 'what is needed' },
  { value: 'everything', title: 'everything' },
] as const;

const NO_EVENTS: readonly string[] = [];

/** What decides about a guest’s exits: what Xen intercepts, how the kernel handles #VC, and what Xen lies about. */
export function Decisions({ program, guests }: Props) {
  const { guest, vcpu, handler, intercepts, es } = program;
  const events = useEngine(
    ({ vocabulary }) =>
      vocabulary.find(({ type }) => type === 'xen.intercept')?.fields.find(({ name }) => name === 'event')
        ?.choices ?? NO_EVENTS,
  ).map(String);
  const setHandler = (changed: Partial<NonNullable<ProgramView['handler']>>): void => {
    if (handler) void perform({ type: 'guest.handler', guest, ...handler, ...changed });
  };
  return (
    <Panel
      className="decisions"
      title={
        <>
          What decides about the exits of <OwnerName name={guest} guests={guests} />
        </>
      }
    >
      {handler && (
        <div className="decision">
          <h4 className="overline">Its #VC handler</h4>
          <Segmented
            className="small"
            label={`${guest}’s handler and answers`}
            value={handler.checks ? 'careful' : 'trusting'}
            options={CHECKS}
            onChange={(value) => setHandler({ checks: value === 'careful' })}
          />
          <Segmented
            className="small"
            label={`What ${guest}’s handler shares`}
            value={handler.shares}
            options={SHARES}
            onChange={(shares) => setHandler({ shares })}
          />
        </div>
      )}
      <fieldset className="decision">
        <legend className="overline">Xen intercepts</legend>
        <div className="intercepts">
          {events.map((event) => (
            <label key={event} className="check">
              <input
                type="checkbox"
                checked={intercepts.includes(event)}
                onChange={({ target }) =>
                  void perform({
                    type: 'xen.intercept',
                    guest,
                    event,
                    on: target.checked,
                    ...(vcpu > 0 ? { vcpu } : {}),
                  })
                }
              />
              <code>{event}</code>
            </label>
          ))}
        </div>
        {es && (
          <p className="faint">CPUID and ports count as intercepted with SEV-ES, whatever their bits say.</p>
        )}
      </fieldset>
      <Lies program={program} />
    </Panel>
  );
}
