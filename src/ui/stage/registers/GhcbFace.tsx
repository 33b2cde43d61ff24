import { LockKeyhole, Users } from 'lucide-react';
import { useState } from 'react';
import type { GhcbView, GuestSummary, SideView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import { GhcbPicture } from './GhcbPicture';
import { GhcbTable } from './GhcbTable';
import { PageLink } from './PageLink';

interface Props {
  readonly sides: readonly SideView[];
  readonly guests: readonly GuestSummary[];
}

/** The GHCB of each vCPU with SEV-ES: a structure of agreement over the bytes of one shared page. */
export function GhcbFace({ sides, guests }: Props) {
  const sealed = sides.filter(({ es }) => es);
  if (sealed.length === 0)
    return (
      <Empty title="No GHCB here">
        <p>Only a guest with SEV-ES has one: without it Xen finds every register where the guest left it.</p>
      </Empty>
    );
  return sealed.map((side) => <GhcbSide key={`${side.guest}/${side.vcpu}`} side={side} guests={guests} />);
}

function GhcbSide({ side, guests }: { readonly side: SideView; readonly guests: readonly GuestSummary[] }) {
  const { guest, vcpu } = side;
  const answer = useEngineQuery(`ghcb ${guest}/${vcpu}`, async (api) => ({
    ghcb: await api.ghcb({ guest, vcpu }),
  }));
  return (
    <Answered answer={answer} what="the GHCB">
      {({ ghcb }) => (
        <Panel
          title={
            <>
              GHCB of <OwnerName name={guest} guests={guests} /> vCPU {vcpu}
            </>
          }
          aside={ghcb && <Shared shared={ghcb.shared} />}
        >
          {ghcb ? (
            <div style={hueStyle(guest, guests)}>
              <Page view={ghcb} />
            </div>
          ) : (
            <p className="faint">Its kernel has not made one yet.</p>
          )}
        </Panel>
      )}
    </Answered>
  );
}

function Shared({ shared }: { readonly shared: boolean }) {
  const Icon = shared ? Users : LockKeyhole;
  return (
    <span className="ghcb-shared">
      <Icon size={13} aria-hidden="true" />
      {shared ? 'shared: guest and Xen read the same bytes' : 'not shared: Xen reads something else'}
    </span>
  );
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function Page({ view }: { readonly view: GhcbView }) {
  const [lit, setLit] = useState<number | null>(null);
  const { gva, gpa, spa, key, says, msr } = view;
  return (
    <>
      <p className="ghcb-says" role="status">
        {says ?? 'The page says nothing: no field is marked valid.'}
      </p>
      <dl className="ghcb-facts">
        <div>
          <dt>GVA</dt>
          <dd className="mono">{hex(gva)}</dd>
        </div>
        <div>
          <dt>GPA</dt>
          <dd className="mono">{hex(gpa)}</dd>
        </div>
        <div>
          <dt>SPA</dt>
          <dd>
            <PageLink spa={spa} />
          </dd>
        </div>
        <div>
          <dt>The guest’s key</dt>
          <dd>{key}</dd>
        </div>
        <div>
          <dt>
            MSR <code>C001_0130</code>
          </dt>
          <dd>
            <span className="mono">0x{msr.value}</span> {msr.says}
          </dd>
        </div>
      </dl>
      <GhcbPicture view={view} lit={lit} onLight={setLit} />
      <ul className="ghcb-legend" aria-label="What the squares of the page are">
        <li data-tone="valid">marked valid</li>
        <li data-tone="field">a field, not marked</li>
        <li data-tone="data">bytes in the shared buffer</li>
        <li data-tone="area">the shared buffer</li>
      </ul>
      <GhcbTable view={view} lit={lit} onLight={setLit} />
    </>
  );
}
