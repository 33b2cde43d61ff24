import { Lock } from 'lucide-react';
import { hex } from '../../../engine/core/address';
import type { ChipView, CoreView, GuestSummary } from '../../../worker/protocol';
import { keyOwner, written } from '../shared/names';
import { hueStyle, OwnerName } from '../shared/OwnerName';

interface Props {
  readonly chip: ChipView;
  readonly guests: readonly GuestSummary[];
  /** The core on which the access runs. */
  readonly active: number;
  readonly lit: boolean;
}

const TLB_SHOWN = 4;

const mode = (core: CoreView): string =>
  core.mode === 'guest' ? `VMRUN · ASID ${core.asid}` : 'host · ASID 0';

/** The core of the access with the head of its TLB, and the others in a line each. */
export function CoreBox({ chip, guests, active, lit }: Props) {
  const core = chip.cores.find(({ id }) => id === active) ?? chip.cores[0];
  if (!core) return null;
  const owner = core.guest ?? 'xen';
  const entries = chip.tlbs.filter((entry) => entry.core === core.id);
  return (
    <section
      className="box"
      data-place="core"
      data-lit={lit}
      style={hueStyle(owner, guests)}
      aria-label={`Core ${core.id}`}
    >
      <h3>
        Core {core.id} <span>{mode(core)}</span>
      </h3>
      <p className="box-part">
        <OwnerName name={owner} guests={guests}>
          {core.guest ? `${written(core.guest)} · vCPU 0` : 'Xen'}
        </OwnerName>
      </p>
      <div className="box-part">
        <p className="box-label">TLB, tagged with the ASID</p>
        {entries.length === 0 && <p className="faint">empty</p>}
        <ul className="mono box-lines">
          {entries.slice(-TLB_SHOWN).map((entry) => (
            <li
              key={`${entry.asid}/${entry.page}`}
              style={hueStyle(keyOwner(entry.asid, guests), guests)}
              className="hued"
            >
              {entry.asid} {hex(entry.page)} → {hex(entry.target)}{' '}
              {entry.c ? <Lock size={10} aria-label="C = 1" /> : <span title="C = 0">–</span>}
            </li>
          ))}
        </ul>
        {entries.length > TLB_SHOWN && <p className="faint">and {entries.length - TLB_SHOWN} more</p>}
      </div>
      <ul className="box-others">
        {chip.cores
          .filter(({ id }) => id !== core.id)
          .map((other) => (
            <li key={other.id}>
              Core {other.id}: {other.guest ? written(other.guest) : 'Xen'}, ASID {other.asid}
            </li>
          ))}
      </ul>
    </section>
  );
}
