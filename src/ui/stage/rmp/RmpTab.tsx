import { useState } from 'react';
import { openPlace } from '../../../store/session';
import type { RmpView } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { useStatus, useView } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { LadderFace } from './LadderFace';
import { StatesFace } from './StatesFace';
import { TableFace } from './TableFace';
import { VmplFace } from './VmplFace';
import './rmp.css';

const FACES = [
  { value: 'table', title: 'Table', hint: 'The entries as they lie in memory, and what they say' },
  {
    value: 'states',
    title: 'States',
    hint: 'The states of pages, who takes which edge, and the way of the selected page',
  },
  { value: 'vmpl', title: 'VMPL', hint: 'What each VMPL may do with the selected page' },
  { value: 'ladder', title: 'Ladder', hint: 'The checks of an access in their order' },
] as const;
type Face = (typeof FACES)[number]['value'];

/** The reverse map table: to whom each page belongs, and what that decides. */
export default function RmpTab() {
  const answer = useEngineQuery('rmp', async (api) => ({ view: await api.rmp() }));
  return (
    <Answered answer={answer} what="its reverse map table">
      {({ view }) => (view ? <Faces view={view} /> : <NoTable />)}
    </Answered>
  );
}

function Faces({ view }: { readonly view: RmpView }) {
  const [face, setFace] = useState<Face>('table');
  const page = useView((state) => state.page);
  const pfn = Math.min(page ?? Math.floor(view.base / 4096), view.pages - 1);
  return (
    <div className="rmp">
      <div className="stage-bar">
        <Segmented className="small" label="What to show" value={face} options={FACES} onChange={setFace} />
      </div>
      {face === 'table' && <TableFace view={view} pfn={pfn} />}
      {face === 'states' && <StatesFace pfn={pfn} />}
      {face === 'vmpl' && <VmplFace pfn={pfn} />}
      {face === 'ladder' && <LadderFace pfn={pfn} />}
    </div>
  );
}

function NoTable() {
  const technology = useStatus((status) => status.config.technology);
  const has = technology === 'sev-snp';
  return (
    <Empty title={has ? 'SEV-SNP is not enabled on this machine' : 'This machine has no SEV-SNP'}>
      <p>
        {has
          ? 'There is a reverse map table only while SNP is on: the processor may not know it, the memory may be too small, Xen may not have enabled it yet, or it has been shut down.'
          : 'Only with SEV-SNP does a table say to whom each page of memory belongs; without it nobody asks.'}
      </p>
      <button
        type="button"
        className="button button-small"
        onClick={() =>
          void openPlace({ kind: 'reconfigure', config: { technology: 'sev-snp', generation: 'genoa' } })
        }
      >
        Make a machine with SEV-SNP
      </button>
    </Empty>
  );
}
