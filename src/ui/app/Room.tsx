import { lazy, Suspense } from 'react';
import { Boundary } from '../kit/Boundary';
import { Waiting } from '../kit/Waiting';

const Rooms = lazy(() => import('../rooms/Rooms'));

/** A full view in place of the machine. */
export function Room({ path }: { readonly path: string }) {
  return (
    <main className="app-room" id="stage" tabIndex={-1}>
      <Boundary key={path.split('/')[0]} what="This view">
        <Suspense fallback={<Waiting what="Loading the view" />}>
          <Rooms path={path} />
        </Suspense>
      </Boundary>
    </main>
  );
}
