import { useView } from '../kit/stores';
import { MomentInspector } from './MomentInspector';
import { PageInspector } from './PageInspector';
import './inspector.css';

/** The selected page; without one, the call and the change at the cursor. */
export default function Inspector() {
  const pfn = useView((view) => view.page);
  return (
    <div className="inspector">
      {pfn !== null && <PageInspector pfn={pfn} />}
      <MomentInspector open={pfn === null} />
    </div>
  );
}
