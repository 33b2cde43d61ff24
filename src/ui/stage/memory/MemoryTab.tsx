import { Suspense } from 'react';
import { pageOwner } from '../../../engine/core/page';
import { pages } from '../../../store/engine';
import { later } from '../../kit/later';
import { useEngine, useView } from '../../kit/stores';
import { Empty, Waiting } from '../../kit/Waiting';
import { MapSection } from './MapSection';
import './memory.css';

const LensSection = later(() => import('./LensSection'));

/** The map of all pages, and under it the selected one through three eyes. */
export default function MemoryTab() {
  const status = useEngine((state) => state.status);
  const revision = useEngine((state) => state.revision);
  const { page, offset, lens, guest, colouring } = useView((view) => view);
  if (!status) return null;
  return (
    <div className={page === null ? 'memory-view is-map' : 'memory-view'}>
      <MapSection status={status} revision={revision} selection={page} mode={colouring} />
      {page === null ? (
        <Empty title="No page selected">
          <p>
            Click a page on the map, or pick something that a guest keeps: its bytes appear here as the guest,
            the hypervisor and the DRAM hold them.
          </p>
        </Empty>
      ) : (
        <Suspense fallback={<Waiting what="Loading the lens" />}>
          <LensSection
            status={status}
            pfn={page}
            offset={offset}
            format={lens}
            picked={guest}
            owner={pageOwner(pages.word(page))}
          />
        </Suspense>
      )}
    </div>
  );
}
