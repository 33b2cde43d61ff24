import type { ChipView, GuestSummary } from '../../../worker/protocol';
import { Term } from '../../kit/Term';
import { written } from '../shared/names';
import { hueStyle } from '../shared/OwnerName';

/** The secure processor: it makes the keys and loads the slots. */
export function AspBox({
  asp,
  guests,
}: {
  readonly asp: ChipView['asp'];
  readonly guests: readonly GuestSummary[];
}) {
  return (
    <section
      className="box"
      data-place="asp"
      style={hueStyle('asp', guests)}
      aria-label="AMD Secure Processor"
    >
      <h3>
        <Term word="ASP">AMD Secure Processor</Term>
      </h3>
      <p>makes the keys, loads the slots</p>
      <p className="mono faint">
        {asp.resets} {asp.resets === 1 ? 'reset' : 'resets'} · {asp.keysMade} keys made
      </p>
      <p className="hued">no software can read a key</p>
    </section>
  );
}

interface DeviceProps {
  readonly device: ChipView['device'];
  readonly guests: readonly GuestSummary[];
  readonly lit: boolean;
}

/** A device behind the IOMMU, and through whose tables it looks. */
export function DeviceBox({ device, guests, lit }: DeviceProps) {
  return (
    <section
      className="box"
      data-place="device"
      data-lit={lit}
      style={hueStyle('device', guests)}
      aria-label="IOMMU and devices"
    >
      <h3>
        <Term word="IOMMU">IOMMU</Term> <span>devices</span>
      </h3>
      <p>{device.guest ? `assigned to ${written(device.guest)}` : 'in the host’s view'}</p>
      <p className="faint">has no guest’s key: a private page is noise to it</p>
    </section>
  );
}
