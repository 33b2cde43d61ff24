import { useState } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import { pageStructure } from '../../../engine/core/page';
import { type LensMode, setView } from '../../../store/view';
import type { GuestSummary } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { useScrollSync } from '../../kit/scrollSync';
import { keySelector, keyWords, written } from '../shared/names';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import { ByteReadout } from './ByteReadout';
import { EyePane } from './EyePane';
import { HOST_VIEWS, type HostView, type LensView, type PaneState, paneOf } from './eyes';
import { GuestPlaceNote, PendingNote } from './LensNotes';
import type { Picture } from './objects';
import { PicturePanes } from './PicturePanes';
import { useChanged } from './useChanged';

const HOST_LABELS: Readonly<Record<HostView, { value: HostView; title: string; hint: string }>> = {
  mapped: { value: 'mapped', title: 'as mapped', hint: 'Through the hypervisor’s own tables, C as they say' },
  '0': { value: '0', title: 'C = 0', hint: 'Through an alias mapping without the C-bit: no key' },
  '1': { value: '1', title: 'C = 1', hint: 'Through an alias mapping with the C-bit: the host key' },
};

interface Props {
  readonly view: LensView;
  /** The question that the view answers, which lags behind what is asked now. */
  readonly question: string;
  readonly revision: number;
  readonly guests: readonly GuestSummary[];
  readonly guest: GuestSummary | null;
  readonly cBit: number;
  readonly format: LensMode;
  readonly hostView: HostView;
  readonly onHostView: (view: HostView) => void;
  readonly offset: number;
  readonly picture: Picture | null;
}

const bytesOf = (look: LensView['host'] | null): Uint8Array | null => (look?.ok ? look.bytes : null);

/** The one picture: the same page as the guest sees it, as the hypervisor sees it, and as the DRAM holds it. */
export function Lens(props: Props) {
  const { view, question, revision, guests, guest, cBit, format, hostView, onHostView, offset, picture } =
    props;
  const { page } = view;
  const sync = useScrollSync();
  const [hovered, setHovered] = useState<number | null>(null);
  const cursor = hovered ?? (offset > 0 ? offset : null);
  const base = page.pfn * PAGE_SIZE;

  const guestChanged = useChanged(`guest/${question}`, revision, bytesOf(view.guest?.look ?? null));
  const hostChanged = useChanged(`host/${question}`, revision, bytesOf(view.host));
  const dramChanged = useChanged(`dram/${page.pfn}`, revision, bytesOf(view.dram));

  const onCursor = (next: number | null): void => {
    setHovered(next);
    if (next !== null && document.activeElement?.getAttribute('role') === 'grid') setView({ offset: next });
  };

  const guestPane: PaneState =
    guest && view.guest
      ? paneOf(view.guest.look, guestChanged)
      : { kind: 'none', title: 'No guest yet', why: 'Create a guest; its eye and its key appear here.' };
  const panes = {
    guest: guestPane,
    host: paneOf(view.host, hostChanged),
    dram: paneOf(view.dram, dramChanged),
  };
  const keyOf = (pane: PaneState): string => {
    if (pane.kind !== 'bytes') return '';
    const selector = keySelector(pane.key);
    return selector === null ? pane.key : keyWords(selector, guests);
  };
  const table = pageStructure(page.word) && /table/i.test(page.use) ? cBit : null;
  const common = { format, cursor, onCursor, sync };
  const hostSwitch = (
    <Segmented
      label="Through which mapping the hypervisor looks"
      options={HOST_VIEWS.map((name) => HOST_LABELS[name])}
      value={hostView}
      onChange={onHostView}
    />
  );

  if (format === 'picture' && picture) {
    return <PicturePanes {...{ picture, guests, hostView, hostSwitch }} />;
  }
  return (
    <>
      <div className="lens">
        <EyePane
          {...common}
          label={guest ? `What ${written(guest.name)} sees` : 'What a guest sees'}
          title={
            guest ? (
              <OwnerName name={guest.name} guests={guests}>
                {written(guest.name)} sees
              </OwnerName>
            ) : (
              'A guest sees'
            )
          }
          aside={keyOf(panes.guest)}
          place={<GuestPlaceNote view={view} />}
          hue={hueStyle(guest?.name ?? null, guests)}
          state={panes.guest}
          base={view.guest?.place.address ?? base}
          cBit={table}
        />
        <EyePane
          {...common}
          label="What the hypervisor sees"
          title={
            <OwnerName name="xen" guests={guests}>
              Xen sees
            </OwnerName>
          }
          aside={keyOf(panes.host)}
          place={hostSwitch}
          hue={hueStyle('xen', guests)}
          state={panes.host}
          base={base}
          cBit={table}
        />
        <EyePane
          {...common}
          label="What the DRAM holds"
          title={
            <OwnerName name="dram" guests={guests}>
              DRAM holds
            </OwnerName>
          }
          aside="raw"
          place={`SPA ${hex(base)}`}
          hue={hueStyle('dram', guests)}
          state={panes.dram}
          base={base}
          cBit={table}
        />
      </div>
      <div className="lens-foot">
        <ByteReadout cursor={cursor} base={base} panes={panes} guest={guest?.name ?? null} />
        <PendingNote view={view} guests={guests} />
      </div>
    </>
  );
}
