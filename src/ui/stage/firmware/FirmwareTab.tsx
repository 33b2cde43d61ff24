import { useState } from 'react';
import type { FirmwareGuest, FirmwareView, GuestSummary } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { written } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';
import { CommandChip, type Offers } from './CommandChip';
import { CommandHistory } from './CommandHistory';
import { CommandList } from './CommandList';
import { Answer, LastCommand } from './LastCommand';
import { MachineDiagram } from './MachineDiagram';
import { Mailbox } from './Mailbox';
import './firmware.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** The firmware's state machines as it keeps them, with every command to be sent, and what it answers. */
export default function FirmwareTab() {
  const [wanted, setWanted] = useState<number | null>(null);
  const answer = useEngineQuery(`firmware/${wanted}`, (api) => api.firmware(wanted));
  return (
    <Answered answer={answer} what="what its secure processor keeps">
      {(firmware) => <Firmware firmware={firmware} onChoose={setWanted} />}
    </Answered>
  );
}

interface Props {
  readonly firmware: FirmwareView;
  readonly onChoose: (handle: number) => void;
}

function Firmware({ firmware, onChoose }: Props) {
  const { ready, machines, commands, last, platform } = firmware;
  const log = useEngineQuery('commandLog', (api) => api.commandLog());
  const mailbox = useEngineQuery('mailbox', (api) => api.mailbox());
  const offers: Offers = new Map(commands.map((command) => [command.name, command]));
  const guest = firmware.guests.find(({ handle }) => handle === firmware.chosen) ?? null;
  if (!ready)
    return (
      <Empty title="Nobody can send a command now">
        <p>The machine is off, or still starting. The secure processor answers once Xen runs.</p>
      </Empty>
    );
  return (
    <div className="firmware">
      <div className="firmware-bar">
        <GuestChoice guests={firmware.guests} chosen={firmware.chosen} onChoose={onChoose} />
        <Answer last={last} />
      </div>
      {platform.hung && <p className="firmware-note">The secure processor hangs and answers nothing.</p>}
      {commands.every(({ action }) => action === null) && (
        <p className="firmware-note">
          This is the second host: its commands come from the first one’s migration, and are only looked at.
        </p>
      )}
      {platform.ring && (
        <p className="firmware-note">
          Ring-buffer mode is on: the next command that goes through the mailbox ends it and is not carried
          out.
        </p>
      )}
      <div className="firmware-columns">
        <div className="firmware-column">
          <Panel title="The guest" aside={guest ? <GuestFacts guest={guest} /> : 'nobody has a handle'}>
            <MachineDiagram
              kind="guest"
              machine={machines.guest}
              offers={offers}
              label="States of the guest"
            />
            <p className="arrow-commands state-every">
              From every state: <CommandChip name="DECOMMISSION" offers={offers} way="to UNINIT" /> to UNINIT
            </p>
            <p className="faint">{machines.guest.source}</p>
          </Panel>
          <Panel
            title="Its ASID"
            aside={guest ? `ASID ${guest.asid || '–'} · ${guest.activation}` : 'no guest'}
          >
            <MachineDiagram
              kind="activation"
              machine={machines.activation}
              offers={offers}
              label="States of the activation"
            />
          </Panel>
          <Panel title="The platform" aside={<PlatformFacts platform={platform} />}>
            <MachineDiagram
              kind="platform"
              machine={machines.platform}
              offers={offers}
              label="States of the platform"
            />
            <p className="snp-state">
              <span className="overline">SEV-SNP</span>
              {machines.snp.states.map((state) => (
                <span
                  key={state}
                  className="state-mini mono"
                  data-current={state === machines.snp.current}
                  aria-current={state === machines.snp.current ? 'true' : undefined}
                >
                  {state}
                </span>
              ))}
              <span className="faint">
                A machine of its own, moved by SNP_INIT and SNP_SHUTDOWN. This firmware has no SNP commands.
              </span>
            </p>
            <p className="faint">{machines.platform.source}</p>
          </Panel>
        </div>
        <div className="firmware-column">
          {last && (
            <Panel title={`The checks of ${last.name}`} aside={last.running ? 'under way' : last.status}>
              <LastCommand last={last} />
            </Panel>
          )}
          <Panel title="What every command would answer now">
            <CommandList offers={offers} />
          </Panel>
          <Panel title="The path taken">
            {log.value && <CommandHistory log={log.value} current={last?.id ?? null} />}
          </Panel>
          <Panel title="The mailbox">{mailbox.value && <Mailbox mailbox={mailbox.value} />}</Panel>
        </div>
      </div>
    </div>
  );
}

function GuestChoice({
  guests,
  chosen,
  onChoose,
}: {
  readonly guests: readonly FirmwareGuest[];
  readonly chosen: number | null;
  readonly onChoose: (handle: number) => void;
}) {
  if (guests.length === 0) return <p className="faint">No guest lives in the secure processor.</p>;
  return (
    <label className="guest-choice">
      <span>Guest</span>
      <select
        className="input"
        value={chosen ?? ''}
        onChange={(event) => onChoose(Number(event.target.value))}
      >
        {guests.map(({ handle, name }) => (
          <option key={handle} value={handle}>
            {name ? `${written(name)}, ` : ''}handle {handle}
          </option>
        ))}
      </select>
    </label>
  );
}

function GuestFacts({ guest }: { readonly guest: FirmwareGuest }) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  return (
    <>
      {guest.name && <OwnerName name={guest.name} guests={guests} />} handle {guest.handle} · policy{' '}
      <code>0x{guest.policy.toString(16)}</code>
      {guest.policyBits.length > 0 && ` (${guest.policyBits.join(' ')})`}
    </>
  );
}

const PlatformFacts = ({ platform }: { readonly platform: FirmwareView['platform'] }) => (
  <>
    {platform.guests} {platform.guests === 1 ? 'guest' : 'guests'} · {platform.es ? 'with' : 'without'} SEV-ES
    · {platform.owned ? 'owned' : 'self-owned'}
  </>
);
